/// One header block, checked and taken apart, before overrides are applied.
struct TarHeader {
  let type: UInt8
  let name: [UInt8]
  let linkName: [UInt8]
  let mode: UInt32
  let uid: Int64
  let gid: Int64
  let size: UInt64
  let modified: Int64
  let deviceMajor: UInt32
  let deviceMinor: UInt32

  /// `block` is 512 bytes, not all of them zero, found at `offset`.
  init(_ block: UnsafeRawBufferPointer, offset: UInt64) throws(ArchiveError) {
    let sums = TarField.sums(block)
    guard let sum = TarField.number(block, TarField.checksum), sum == sums.unsigned || sum == sums.signed
    else {
      throw .checksum(offset: offset)
    }
    func number(_ field: Range<Int>, _ name: String) throws(ArchiveError) -> Int64 {
      guard let value = TarField.number(block, field) else { throw .number(field: name, offset: offset) }
      return value
    }
    type = block[TarField.type]
    mode = UInt32(truncatingIfNeeded: try number(TarField.mode, "mode")) & 0o7777
    uid = try number(TarField.uid, "uid")
    gid = try number(TarField.gid, "gid")
    guard let size = UInt64(exactly: try number(TarField.size, "size")) else {
      throw .number(field: "size", offset: offset)
    }
    self.size = size
    modified = try number(TarField.modified, "mtime")
    linkName = TarField.text(block, TarField.linkName)
    let short = TarField.text(block, TarField.name)
    // Old archives have anything in the device fields and the prefix; only the standard's magic gives them a meaning.
    let magic = Array(block[TarField.magic])
    let isStandard = magic.starts(with: Array("ustar\0".utf8))
    let isGNU = magic == Array("ustar  \0".utf8)
    let prefix = isStandard ? TarField.text(block, TarField.prefix) : []
    name = prefix.isEmpty ? short : prefix + [UInt8(ascii: "/")] + short
    let isDevice = type == UInt8(ascii: "3") || type == UInt8(ascii: "4")
    if isDevice && (isStandard || isGNU) {
      deviceMajor = UInt32(truncatingIfNeeded: try number(TarField.deviceMajor, "devmajor"))
      deviceMinor = UInt32(truncatingIfNeeded: try number(TarField.deviceMinor, "devminor"))
    } else {
      deviceMajor = 0
      deviceMinor = 0
    }
  }

  /// Whether contents follow: only regular files carry any; other types have been seen with a size and nothing behind.
  var hasContents: Bool { type == UInt8(ascii: "0") || type == 0 || type == UInt8(ascii: "7") }

  func entry(_ over: TarOverrides, offset: UInt64) throws(ArchiveError) -> TarEntry {
    let path = over.path ?? name
    let text = String(decoding: path, as: UTF8.self)
    if over.sparse || type == UInt8(ascii: "S") { throw .sparse(path: text) }
    guard let uid = over.uid ?? UInt32(exactly: uid), let gid = over.gid ?? UInt32(exactly: gid) else {
      throw .number(field: "uid or gid", offset: offset)
    }
    return TarEntry(
      path: path, kind: try kind(path, over.link ?? linkName, text), mode: mode, uid: uid, gid: gid,
      size: hasContents ? over.size ?? size : 0, modified: over.modified ?? TarTime(seconds: modified),
      attributes: over.attributes)
  }

  private func kind(_ path: [UInt8], _ link: [UInt8], _ text: String) throws(ArchiveError) -> TarEntry.Kind {
    switch type {
    case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): path.last == UInt8(ascii: "/") ? .directory : .file
    case UInt8(ascii: "1"): .hardLink(target: link)
    case UInt8(ascii: "2"): .symbolicLink(target: link)
    case UInt8(ascii: "3"): .characterDevice(major: deviceMajor, minor: deviceMinor)
    case UInt8(ascii: "4"): .blockDevice(major: deviceMajor, minor: deviceMinor)
    case UInt8(ascii: "5"): .directory
    case UInt8(ascii: "6"): .fifo
    default: throw .entryType(type, path: text)
    }
  }
}
