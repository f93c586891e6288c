/// A line of Docker's json-file format, exact to the byte: `{"log":"…\n","stream":"stdout","time":"…"}`.
enum LogEncoding {
  /// Appends one line; `terminated` says whether a newline followed `text`.
  static func append(
    _ stream: LogStream, _ text: ArraySlice<UInt8>, terminated: Bool, time: Int64, to line: inout [UInt8]
  ) {
    line.append(ascii: "{")
    if !text.isEmpty || terminated {
      line.append(ascii: "\"log\":\"")
      appendEscaped(text, to: &line)
      line.append(ascii: terminated ? "\\n\"," : "\",")
    }
    line.append(ascii: "\"stream\":\"")
    line.append(ascii: stream.name)
    line.append(ascii: "\",\"time\":\"")
    LogTime.append(time, to: &line)
    line.append(ascii: "\"}\n")
  }

  /// As Go's json escapes for HTML; what is no UTF-8 becomes `\ufffd`, byte for byte.
  private static func appendEscaped(_ text: ArraySlice<UInt8>, to line: inout [UInt8]) {
    text.withUnsafeBufferPointer { bytes in
      var index = 0
      var copied = 0
      while index < bytes.count {
        let byte = bytes[index]
        if byte < 0x80 {
          if !needsEscape[Int(byte)] {
            index += 1
            continue
          }
          line += bytes[copied..<index]
          appendEscape(of: byte, to: &line)
          index += 1
          copied = index
          continue
        }
        let length = scalarLength(bytes, index)
        if length == 0 {
          line += bytes[copied..<index]
          line.append(ascii: "\\ufffd")
          index += 1
          copied = index
        } else if byte == 0xe2, bytes[index + 1] == 0x80, bytes[index + 2] & 0xfe == 0xa8 {
          line += bytes[copied..<index]
          line.append(ascii: bytes[index + 2] == 0xa8 ? "\\u2028" : "\\u2029")
          index += 3
          copied = index
        } else {
          index += length
        }
      }
      line += bytes[copied...]
    }
  }

  private static func appendEscape(of byte: UInt8, to line: inout [UInt8]) {
    switch byte {
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): line += [UInt8(ascii: "\\"), byte]
    case UInt8(ascii: "\n"): line.append(ascii: "\\n")
    case UInt8(ascii: "\r"): line.append(ascii: "\\r")
    default:
      line.append(ascii: "\\u00")
      for nibble in [byte >> 4, byte & 15] { line.append(nibble < 10 ? 48 + nibble : 87 + nibble) }
    }
  }

  private static let needsEscape: [Bool] = (0..<128).map { byte in
    byte < 0x20 || "\\\"<>&".utf8.contains(UInt8(byte))
  }

  /// How many bytes the well-formed UTF-8 sequence at `index` has; 0 where there is none (Unicode, table 3-7).
  private static func scalarLength(_ bytes: UnsafeBufferPointer<UInt8>, _ index: Int) -> Int {
    let first = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0...0xef:
      length = 3
      if first == 0xe0 { second = 0xa0...0xbf }
      if first == 0xed { second = 0x80...0x9f }
    case 0xf0...0xf4:
      length = 4
      if first == 0xf0 { second = 0x90...0xbf }
      if first == 0xf4 { second = 0x80...0x8f }
    default: return 0
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
    for later in (index + 2)..<max(index + 2, index + length) where bytes[later] & 0xc0 != 0x80 { return 0 }
    return length
  }
}

extension [UInt8] {
  mutating func append(ascii text: StaticString) {
    text.withUTF8Buffer { self += $0 }
  }
}
