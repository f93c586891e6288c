/// Shortening what would make a table too wide.
public enum Ellipsis {
  /// At most `width` characters, the last a `…` where something was cut off.
  public static func shorten(_ text: String, to width: Int) -> String {
    guard text.count > width else { return text }
    return width < 1 ? "" : text.prefix(width - 1) + "…"
  }
}
