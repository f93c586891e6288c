/// A line of the json-file format back to its entry. The file is ours, but a disk may have garbled it: what makes no
/// sense is nil, never a trap.
enum LogDecoding {
  static func entry(_ line: ArraySlice<UInt8>) -> LogEntry? {
    var scanner = LogScanner(line)
    guard scanner.take("{") else { return nil }
    var entry = LogEntry(stream: .stdout, time: 0, bytes: [])
    var hasTime = false
    while !scanner.take("}") {
      guard let key = scanner.string(), scanner.take(":") else { return nil }
      switch String(decoding: key, as: UTF8.self) {
      case "log":
        guard let bytes = scanner.string() else { return nil }
        entry.bytes = bytes
      case "stream":
        guard let name = scanner.string() else { return nil }
        entry.stream = name == Array("stderr".utf8) ? .stderr : .stdout
      case "time":
        guard let text = scanner.string(), let time = LogTime.parse(text) else { return nil }
        entry.time = time
        hasTime = true
      default:
        guard scanner.skipObjectOfStrings() else { return nil }
      }
      _ = scanner.take(",")
    }
    return hasTime && scanner.isAtEnd ? entry : nil
  }
}

/// Just as much of JSON as the format has: strings, and one flat object of strings (`attrs`).
private struct LogScanner {
  private let bytes: ArraySlice<UInt8>
  private var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  var isAtEnd: Bool { index == bytes.endIndex }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard index < bytes.endIndex, bytes[index] == UInt8(ascii: scalar) else { return false }
    index += 1
    return true
  }

  mutating func string() -> [UInt8]? {
    guard take("\"") else { return nil }
    var text: [UInt8] = []
    var copied = index
    while index < bytes.endIndex {
      switch bytes[index] {
      case UInt8(ascii: "\""):
        text += bytes[copied..<index]
        index += 1
        return text
      case UInt8(ascii: "\\"):
        text += bytes[copied..<index]
        index += 1
        guard escape(into: &text) else { return nil }
        copied = index
      default: index += 1
      }
    }
    return nil
  }

  mutating func skipObjectOfStrings() -> Bool {
    if !take("{") { return string() != nil }
    while !take("}") {
      guard string() != nil, take(":"), string() != nil else { return false }
      _ = take(",")
    }
    return true
  }

  private mutating func escape(into text: inout [UInt8]) -> Bool {
    guard index < bytes.endIndex else { return false }
    let letter = bytes[index]
    index += 1
    switch letter {
    case UInt8(ascii: "n"): text.append(10)
    case UInt8(ascii: "r"): text.append(13)
    case UInt8(ascii: "t"): text.append(9)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "f"): text.append(12)
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(letter)
    case UInt8(ascii: "u"):
      guard let value = scalar() else { return false }
      text += Array(String(value).utf8)
    default: return false
    }
    return true
  }

  private mutating func scalar() -> Unicode.Scalar? {
    guard let unit = hex() else { return nil }
    guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) ?? "\u{fffd}" }
    guard take("\\"), take("u"), let low = hex(), (0xdc00..<0xe000).contains(low) else { return nil }
    return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
  }

  private mutating func hex() -> UInt32? {
    guard bytes.endIndex - index >= 4 else { return nil }
    defer { index += 4 }
    return UInt32(String(decoding: bytes[index..<(index + 4)], as: UTF8.self), radix: 16)
  }
}
