/// Anchors, aliases, tags and directives (YAML 1.1, sections 6.8 and 6.9).
extension Scanner {
  mutating func scanAnchor() throws(YAMLError) -> Token {
    let start = reader.mark
    let isAnchor = reader.byte() == UInt8(ascii: "&")
    reader.skip()
    var name: [UInt8] = []
    while isWord(reader.byte()) { reader.read(into: &name) }
    let next = reader.byte()
    let followers = Array("?:,]}%@`".utf8)
    guard !name.isEmpty, reader.isBlankOrEnd() || followers.contains(next) else {
      throw error("did not find expected alphabetic or numeric character", context: start)
    }
    let text = String(decoding: name, as: UTF8.self)
    return Token(kind: isAnchor ? .anchor(text) : .alias(text), start: start)
  }

  private func isWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "_"), UInt8(ascii: "-"):
      true
    default: false
    }
  }

  private func isURI(_ byte: UInt8) -> Bool {
    isWord(byte) || Array(";/?:@&=+$.!~*'()%,[]".utf8).contains(byte)
  }

  mutating func scanTag() throws(YAMLError) -> Token {
    let start = reader.mark
    var handle = ""
    var suffix = ""
    if reader.byte(1) == UInt8(ascii: "<") {
      reader.skip(2)
      suffix = scanURI()
      guard reader.byte() == UInt8(ascii: ">") else {
        throw error("did not find the expected '>'", context: start)
      }
      reader.skip()
    } else {
      handle = scanHandle()
      if handle.count > 1, handle.hasSuffix("!") {
        suffix = scanURI()
      } else {
        suffix = String(handle.dropFirst()) + scanURI()
        handle = "!"
        if suffix.isEmpty { (handle, suffix) = ("", "!") }
      }
      guard !suffix.isEmpty else { throw error("did not find expected tag URI", context: start) }
    }
    guard reader.isBlankOrEnd() || (flowLevel > 0 && reader.byte() == UInt8(ascii: ",")) else {
      throw error("did not find expected whitespace or line break", context: start)
    }
    return Token(kind: .tag(handle: handle, suffix: suffix), start: start)
  }

  private mutating func scanHandle() -> String {
    var text: [UInt8] = []
    reader.read(into: &text)
    while isWord(reader.byte()) { reader.read(into: &text) }
    if reader.byte() == UInt8(ascii: "!") { reader.read(into: &text) }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func scanURI() -> String {
    var text: [UInt8] = []
    while isURI(reader.byte()),
      !(flowLevel > 0 && [UInt8(ascii: ","), UInt8(ascii: "]")].contains(reader.byte()))
    {
      reader.read(into: &text)
    }
    return String(decoding: text, as: UTF8.self)
  }

  mutating func scanDirective() throws(YAMLError) -> Token {
    let start = reader.mark
    reader.skip()
    var name: [UInt8] = []
    while isWord(reader.byte()) { reader.read(into: &name) }
    guard !name.isEmpty else { throw error("could not find expected directive name", context: start) }
    guard reader.isBlankOrEnd() else {
      throw error("found unexpected non-alphabetical character", context: start)
    }
    while reader.isBlank() { reader.skip() }
    let kind: Token.Kind
    switch String(decoding: name, as: UTF8.self) {
    case "YAML":
      let major = try scanVersionNumber(from: start)
      guard reader.byte() == UInt8(ascii: ".") else {
        throw error("did not find expected digit or '.' character", context: start)
      }
      reader.skip()
      kind = .versionDirective(major, try scanVersionNumber(from: start))
    case "TAG":
      let handle = scanHandle()
      guard reader.isBlank() else { throw error("did not find expected whitespace", context: start) }
      while reader.isBlank() { reader.skip() }
      kind = .tagDirective(handle: handle, prefix: scanURI())
    default: throw error("found unknown directive name", context: start)
    }
    while reader.isBlank() { reader.skip() }
    if reader.byte() == UInt8(ascii: "#") { while !reader.isBreakOrEnd() { reader.skip() } }
    guard reader.isBreakOrEnd() else {
      throw error("did not find expected comment or line break", context: start)
    }
    if reader.isBreak() { reader.skipLine() }
    return Token(kind: kind, start: start)
  }

  private mutating func scanVersionNumber(from start: Mark) throws(YAMLError) -> Int {
    var value = 0
    var length = 0
    while reader.byte() >= UInt8(ascii: "0"), reader.byte() <= UInt8(ascii: "9") {
      length += 1
      guard length <= 2 else { throw error("found extremely long version number", context: start) }
      value = value * 10 + Int(reader.byte() - UInt8(ascii: "0"))
      reader.skip()
    }
    guard length > 0 else { throw error("did not find expected version number", context: start) }
    return value
  }
}
