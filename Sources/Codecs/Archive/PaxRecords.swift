/// The records of a pax extended header, `LENGTH KEY=VALUE\n` (pax(1), "pax Extended Header").
struct PaxRecords {
  static let attributePrefix = Array("SCHILY.xattr.".utf8)

  /// In order; a later record of the same key wins. An empty value takes a key back.
  var records: [(key: [UInt8], value: [UInt8])] = []

  init() {}

  init(parsing bytes: [UInt8]) throws(ArchiveError) {
    var at = 0
    while at < bytes.count {
      guard let blank = bytes[at...].prefix(20).firstIndex(of: UInt8(ascii: " ")),
        let length = Self.decimal(bytes[at..<blank]), length > blank - at + 1, length <= bytes.count - at
      else { throw .extendedHeader("bad record length") }
      let end = at + Int(length)
      guard bytes[end - 1] == UInt8(ascii: "\n") else { throw .extendedHeader("record without newline") }
      let record = bytes[(blank + 1)..<(end - 1)]
      guard let equals = record.firstIndex(of: UInt8(ascii: "=")), equals > record.startIndex else {
        throw .extendedHeader("record without key")
      }
      records.append((Array(record[..<equals]), Array(record[(equals + 1)...])))
      at = end
    }
  }

  static func decimal(_ digits: some Collection<UInt8>) -> Int64? {
    guard !digits.isEmpty, digits.count <= 18 else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      value = value * 10 + Int64(digit - UInt8(ascii: "0"))
    }
    return value
  }

  /// `1700000000.25` or `-1.5`; digits beyond nanoseconds are cut off.
  static func time(_ text: [UInt8]) -> TarTime? {
    let negative = text.first == UInt8(ascii: "-")
    let parts = (negative ? text.dropFirst() : text[...]).split(
      separator: UInt8(ascii: "."), maxSplits: 1, omittingEmptySubsequences: false)
    guard let whole = parts.first, let seconds = decimal(whole) else { return nil }
    var nanoseconds: Int64 = 0
    if parts.count == 2, !parts[1].isEmpty {
      guard let fraction = decimal(parts[1].prefix(9)), parts[1].allSatisfy({ $0 >= 48 && $0 <= 57 }) else {
        return nil
      }
      nanoseconds = fraction
      for _ in 0..<max(0, 9 - parts[1].count) { nanoseconds *= 10 }
    }
    guard negative else { return TarTime(seconds: seconds, nanoseconds: UInt32(nanoseconds)) }
    return nanoseconds == 0
      ? TarTime(seconds: -seconds)
      : TarTime(seconds: -seconds - 1, nanoseconds: UInt32(1_000_000_000 - nanoseconds))
  }

  mutating func add(_ key: String, _ value: [UInt8]) { records.append((Array(key.utf8), value)) }

  /// The records as bytes; each length counts its own digits.
  var bytes: [UInt8] {
    var all: [UInt8] = []
    for (key, value) in records {
      let body = key.count + value.count + 3
      var length = body + String(body).utf8.count
      if String(length).utf8.count != String(body).utf8.count { length = body + String(length).utf8.count }
      all += Array("\(length) ".utf8) + key + [UInt8(ascii: "=")] + value + [UInt8(ascii: "\n")]
    }
    return all
  }
}
