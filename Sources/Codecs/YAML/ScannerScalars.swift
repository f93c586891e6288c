/// Plain, quoted and block scalars (YAML 1.1, section 9).
extension Scanner {
  /// White space between two words, which may become one space, line breaks, or itself.
  private struct Gap {
    var blanks: [UInt8] = []
    var leadingBreak = false
    var trailingBreaks = 0

    func append(to text: inout [UInt8]) {
      guard leadingBreak else { return text.append(contentsOf: blanks) }
      if trailingBreaks == 0 {
        text.append(0x20)
      } else {
        text.append(contentsOf: repeatElement(10, count: trailingBreaks))
      }
    }
  }

  mutating func scanPlainScalar() throws(YAMLError) -> Token {
    let start = reader.mark
    var text: [UInt8] = []
    var gap = Gap()
    while !reader.isDocumentIndicator(), reader.byte() != UInt8(ascii: "#") {
      while !reader.isBlankOrEnd(), !endsPlainScalar {
        gap.append(to: &text)
        gap = Gap()
        reader.read(into: &text)
      }
      guard reader.isBlank() || reader.isBreak() else { break }
      while reader.isBlank() || reader.isBreak() {
        if reader.isBreak() {
          if gap.leadingBreak { gap.trailingBreaks += 1 }
          gap.leadingBreak = true
          reader.skipLine()
        } else if gap.leadingBreak {
          guard !(reader.mark.column <= indent && reader.byte() == 9) else {
            throw error("found a tab character that violates indentation", context: start)
          }
          reader.skip()
        } else {
          reader.read(into: &gap.blanks)
        }
      }
      if flowLevel == 0, reader.mark.column <= indent { break }
    }
    if gap.leadingBreak { simpleKeyAllowed = true }
    return Token(kind: .scalar(String(decoding: text, as: UTF8.self), .plain), start: start)
  }

  private var endsPlainScalar: Bool {
    switch reader.byte() {
    case UInt8(ascii: ":"): reader.isBlankOrEnd(1)
    case UInt8(ascii: ","), UInt8(ascii: "?"), UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"),
      UInt8(ascii: "}"):
      flowLevel > 0
    default: false
    }
  }

  mutating func scanQuotedScalar() throws(YAMLError) -> Token {
    let start = reader.mark
    let quote = reader.byte()
    let double = quote == UInt8(ascii: "\"")
    reader.skip()
    var text: [UInt8] = []
    while true {
      guard !reader.isDocumentIndicator() else {
        throw error("found unexpected document indicator", context: start)
      }
      guard !reader.atEnd else { throw error("found unexpected end of stream", context: start) }
      var gap = Gap()
      scanning: while !reader.isBlankOrEnd() {
        switch reader.byte() {
        case UInt8(ascii: "'") where !double && reader.byte(1) == quote:
          text.append(quote)
          reader.skip(2)
        case quote: break scanning
        case UInt8(ascii: "\\") where double && reader.isBreak(1):
          reader.skip()
          reader.skipLine()
          gap.leadingBreak = true
          gap.trailingBreaks = -1
          break scanning
        case UInt8(ascii: "\\") where double: try scanEscape(into: &text, from: start)
        default: reader.read(into: &text)
        }
      }
      if reader.byte() == quote, !reader.atEnd { break }
      let continued = gap.trailingBreaks < 0
      if continued { gap.trailingBreaks = 0 }
      while reader.isBlank() || reader.isBreak() {
        if reader.isBreak() {
          if gap.leadingBreak { gap.trailingBreaks += 1 }
          gap.leadingBreak = true
          reader.skipLine()
        } else if gap.leadingBreak {
          reader.skip()
        } else {
          reader.read(into: &gap.blanks)
        }
      }
      if !(continued && gap.trailingBreaks == 0) { gap.append(to: &text) }
    }
    reader.skip()
    let style: YAMLNode.ScalarStyle = double ? .doubleQuoted : .singleQuoted
    return Token(kind: .scalar(String(decoding: text, as: UTF8.self), style), start: start)
  }

  private mutating func scanEscape(into text: inout [UInt8], from start: Mark) throws(YAMLError) {
    let letter = reader.byte(1)
    let simple: [UInt8: Unicode.Scalar] = [
      UInt8(ascii: "0"): "\0", UInt8(ascii: "a"): "\u{7}", UInt8(ascii: "b"): "\u{8}",
      UInt8(ascii: "t"): "\t",
      9: "\t", UInt8(ascii: "n"): "\n", UInt8(ascii: "v"): "\u{B}", UInt8(ascii: "f"): "\u{C}",
      UInt8(ascii: "r"): "\r", UInt8(ascii: "e"): "\u{1B}", 0x20: " ", UInt8(ascii: "\""): "\"",
      UInt8(ascii: "'"): "'", UInt8(ascii: "/"): "/", UInt8(ascii: "\\"): "\\", UInt8(ascii: "N"): "\u{85}",
      UInt8(ascii: "_"): "\u{A0}", UInt8(ascii: "L"): "\u{2028}", UInt8(ascii: "P"): "\u{2029}",
    ]
    if let scalar = simple[letter] {
      text.append(contentsOf: String(scalar).utf8)
      return reader.skip(2)
    }
    let lengths = [UInt8(ascii: "x"): 2, UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8]
    guard let length = lengths[letter] else { throw error("found unknown escape character", context: start) }
    reader.skip(2)
    var value: UInt32 = 0
    for offset in 0..<length {
      guard let digit = hexadecimal(reader.byte(offset)) else {
        throw error("did not find expected hexdecimal number", context: start)
      }
      value = value &* 16 &+ digit
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw error("found invalid Unicode character escape code", context: start)
    }
    text.append(contentsOf: String(scalar).utf8)
    reader.skip(length)
  }

  private func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  mutating func scanBlockScalar() throws(YAMLError) -> Token {
    let start = reader.mark
    let literal = reader.byte() == UInt8(ascii: "|")
    reader.skip()
    let (chomping, increment) = try scanBlockHeader(from: start)
    var blockIndent = increment == 0 ? 0 : max(indent, 0) + increment
    var text: [UInt8] = []
    var leadingBreak = false
    var trailingBreaks = 0
    var leadingBlank = false
    try scanBlockBreaks(&blockIndent, &trailingBreaks, from: start)
    while reader.mark.column == blockIndent, !reader.atEnd {
      let trailingBlank = reader.isBlank()
      if !literal, leadingBreak, !leadingBlank, !trailingBlank {
        if trailingBreaks == 0 { text.append(0x20) }
      } else if leadingBreak {
        text.append(10)
      }
      text.append(contentsOf: repeatElement(10, count: trailingBreaks))
      trailingBreaks = 0
      leadingBlank = reader.isBlank()
      while !reader.isBreakOrEnd() { reader.read(into: &text) }
      leadingBreak = reader.isBreak()
      if leadingBreak { reader.skipLine() }
      try scanBlockBreaks(&blockIndent, &trailingBreaks, from: start)
    }
    if chomping != -1, leadingBreak { text.append(10) }
    if chomping == 1 { text.append(contentsOf: repeatElement(10, count: trailingBreaks)) }
    let style: YAMLNode.ScalarStyle = literal ? .literal : .folded
    return Token(kind: .scalar(String(decoding: text, as: UTF8.self), style), start: start)
  }

  private mutating func scanBlockHeader(from start: Mark) throws(YAMLError) -> (chomping: Int, increment: Int)
  {
    var chomping = 0
    var increment = 0
    for _ in 0..<2 {
      switch reader.byte() {
      case UInt8(ascii: "+") where chomping == 0:
        chomping = 1
        reader.skip()
      case UInt8(ascii: "-") where chomping == 0:
        chomping = -1
        reader.skip()
      case UInt8(ascii: "0") where increment == 0:
        throw error("found an indentation indicator equal to 0", context: start)
      case UInt8(ascii: "1")...UInt8(ascii: "9") where increment == 0:
        increment = Int(reader.byte() - UInt8(ascii: "0"))
        reader.skip()
      default: break
      }
    }
    while reader.isBlank() { reader.skip() }
    if reader.byte() == UInt8(ascii: "#") { while !reader.isBreakOrEnd() { reader.skip() } }
    guard reader.isBreakOrEnd() else {
      throw error("did not find expected comment or line break", context: start)
    }
    if reader.isBreak() { reader.skipLine() }
    return (chomping, increment)
  }

  private mutating func scanBlockBreaks(
    _ blockIndent: inout Int, _ breaks: inout Int, from start: Mark
  ) throws(YAMLError) {
    var deepest = 0
    while true {
      while blockIndent == 0 || reader.mark.column < blockIndent, reader.byte() == 0x20 { reader.skip() }
      deepest = max(deepest, reader.mark.column)
      guard !(reader.byte() == 9 && (blockIndent == 0 || reader.mark.column < blockIndent)) else {
        throw error("found a tab character where an indentation space is expected", context: start)
      }
      guard reader.isBreak() else { break }
      breaks += 1
      reader.skipLine()
    }
    if blockIndent == 0 { blockIndent = max(deepest, indent + 1, 1) }
  }
}
