/// Walks over the bytes of a text and knows the line and column. The end reads as NUL.
struct Reader {
  let bytes: [UInt8]
  private(set) var position = 0
  private(set) var mark = Mark()

  /// Throws for bytes that no YAML text holds: broken UTF-8 and control characters.
  init(_ bytes: [UInt8]) throws(YAMLError) {
    var text = bytes
    if text.starts(with: [0xEF, 0xBB, 0xBF]) { text.removeFirst(3) }
    try Reader.check(text)
    self.bytes = text
  }

  private static func check(_ bytes: [UInt8]) throws(YAMLError) {
    let valid = bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    guard valid else { throw YAMLError("invalid leading UTF-8 octet", at: Mark(), reportedLine: nil) }
    for byte in bytes where (byte < 0x20 && byte != 9 && byte != 10 && byte != 13) || byte == 0x7F {
      throw YAMLError("control characters are not allowed", at: Mark(), reportedLine: nil)
    }
  }

  var atEnd: Bool { position >= bytes.count }

  func byte(_ offset: Int = 0) -> UInt8 {
    let index = position + offset
    return index < bytes.count ? bytes[index] : 0
  }

  func isBlank(_ offset: Int = 0) -> Bool { byte(offset) == 0x20 || byte(offset) == 9 }
  func isBreak(_ offset: Int = 0) -> Bool { byte(offset) == 10 || byte(offset) == 13 }
  func isBreakOrEnd(_ offset: Int = 0) -> Bool { isBreak(offset) || position + offset >= bytes.count }
  func isBlankOrEnd(_ offset: Int = 0) -> Bool { isBlank(offset) || isBreakOrEnd(offset) }

  /// Whether `---` or `...` stands at the beginning of this line.
  func isDocumentIndicator(_ indicator: Character? = nil) -> Bool {
    guard mark.column == 0, byte(0) == byte(1), byte(1) == byte(2), isBlankOrEnd(3) else { return false }
    switch byte() {
    case UInt8(ascii: "-"): return indicator != "."
    case UInt8(ascii: "."): return indicator != "-"
    default: return false
    }
  }

  /// Passes one character that is no line break.
  mutating func skip(_ count: Int = 1) {
    for _ in 0..<count {
      position += 1
      while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
      mark.index += 1
      mark.column += 1
    }
  }

  /// Passes one line break.
  mutating func skipLine() {
    let pair = byte() == 13 && byte(1) == 10
    position += pair ? 2 : 1
    mark.index += pair ? 2 : 1
    mark.line += 1
    mark.column = 0
  }

  /// Appends one character to `text` and passes it.
  mutating func read(into text: inout [UInt8]) {
    let start = position
    skip()
    text.append(contentsOf: bytes[start..<position])
  }

  mutating func endLine() {
    guard mark.column != 0 else { return }
    mark.column = 0
    mark.line += 1
  }
}
