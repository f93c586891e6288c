/// Shortening what would make a table too wide.
public enum Ellipsis {
  /// At most `width` columns, the last a `…` where something was cut off.
  public static func shorten(_ text: String, to width: Int) -> String {
    guard columns(of: text) > width else { return text }
    guard width > 0 else { return "" }
    var rest = width - 1
    let kept = text.prefix { character in
      rest -= columns(of: character)
      return rest >= 0
    }
    return kept + "…"
  }

  /// How many columns of a terminal a text takes.
  public static func columns(of text: String) -> Int {
    // Nearly all texts are of one column a byte.
    text.utf8.allSatisfy { $0 < 128 } ? text.utf8.count : text.reduce(0) { $0 + columns(of: $1) }
  }

  private static func columns(of character: Character) -> Int {
    guard let scalar = character.unicodeScalars.first else { return 0 }
    return wide.contains { $0.contains(scalar.value) } ? 2 : 1
  }

  /// The characters that are two columns wide (Unicode's EastAsianWidth.txt: W and F).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x4DBF, 0x4E00...0xA4CF, 0xA960...0xA97C, 0xAC00...0xD7A3,
    0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1FAFF, 0x20000...0x3FFFD,
  ]
}
