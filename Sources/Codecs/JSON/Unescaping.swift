/// Undoing the escapes of a JSON string.
enum Unescaping {
  /// The string between the quotation marks, whose escapes the parser has checked.
  /// Half a surrogate pair becomes U+FFFD, as in Go.
  static func string(_ text: ArraySlice<UInt8>) -> String {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var place = text.startIndex
    while place < text.endIndex {
      guard text[place] == UInt8(ascii: "\\") else {
        result.append(text[place])
        place += 1
        continue
      }
      let letter = text[place + 1]
      place += 2
      guard letter == UInt8(ascii: "u") else {
        result.append(plain(letter))
        continue
      }
      result.append(contentsOf: String(scalar(text, &place)).utf8)
    }
    return String(decoding: result, as: UTF8.self)
  }

  private static func plain(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "t"): 9
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    default: letter
    }
  }

  /// Reads the four digits after `\u`, and a second escape when the first is the first half of a pair.
  private static func scalar(_ text: ArraySlice<UInt8>, _ place: inout Int) -> Character {
    let unit = digits(text, place)
    place += 4
    guard (0xD800...0xDBFF).contains(unit), place + 6 <= text.endIndex, text[place] == UInt8(ascii: "\\"),
      text[place + 1] == UInt8(ascii: "u")
    else { return Character(Unicode.Scalar(unit) ?? "\u{FFFD}") }
    let second = digits(text, place + 2)
    guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
    place += 6
    return Character(Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (second - 0xDC00)) ?? "\u{FFFD}")
  }

  private static func digits(_ text: ArraySlice<UInt8>, _ place: Int) -> UInt32 {
    text[place..<place + 4].reduce(0) { $0 << 4 | UInt32(hexDigit($1) ?? 0) }
  }

  /// The value of a hexadecimal digit.
  static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - 48
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - 87
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - 55
    default: nil
    }
  }
}
