/// What extended headers and GNU's long names say about the entry that follows them.
struct TarOverrides {
  var path: [UInt8]?
  var link: [UInt8]?
  var size: UInt64?
  var uid: UInt32?
  var gid: UInt32?
  var modified: TarTime?
  var attributes: [TarAttribute] = []
  var sparse = false

  mutating func apply(_ records: PaxRecords) throws(ArchiveError) {
    for (key, value) in records.records { try apply(String(decoding: key, as: UTF8.self), value) }
  }

  private mutating func apply(_ key: String, _ value: [UInt8]) throws(ArchiveError) {
    switch key {
    case "path": path = try name(value)
    case "linkpath": link = try name(value)
    case "size": size = try number(key, value).map(UInt64.init)
    case "uid": uid = try identity(key, value)
    case "gid": gid = try identity(key, value)
    case "mtime":
      guard value.isEmpty || PaxRecords.time(value) != nil else { throw .extendedHeader("bad mtime") }
      modified = PaxRecords.time(value)
    default:
      if key.hasPrefix("GNU.sparse.") { sparse = true }
      guard key.utf8.starts(with: PaxRecords.attributePrefix) else { return }
      let attribute = String(key.dropFirst(PaxRecords.attributePrefix.count))
      guard !attribute.isEmpty, !attribute.utf8.contains(0) else {
        throw .extendedHeader("bad attribute name")
      }
      attributes.removeAll { $0.name == attribute }
      attributes.append(TarAttribute(name: attribute, value: value))
    }
  }

  private func name(_ value: [UInt8]) throws(ArchiveError) -> [UInt8]? {
    guard !value.contains(0) else { throw .extendedHeader("a path with a NUL") }
    return value.isEmpty ? nil : value
  }

  private func number(_ key: String, _ value: [UInt8]) throws(ArchiveError) -> Int64? {
    if value.isEmpty { return nil }
    guard let number = PaxRecords.decimal(value) else { throw .extendedHeader("bad \(key)") }
    return number
  }

  private func identity(_ key: String, _ value: [UInt8]) throws(ArchiveError) -> UInt32? {
    guard let number = try number(key, value) else { return nil }
    guard let identity = UInt32(exactly: number) else { throw .extendedHeader("bad \(key)") }
    return identity
  }
}
