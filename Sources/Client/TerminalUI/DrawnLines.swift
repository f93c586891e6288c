/// Lines that stand on a terminal.
public enum DrawnLines {
  /// How many rows they take, by the columns that each was drawn with: a terminal that was made narrower since then has
  /// broken them.
  public static func rows(_ widths: some Sequence<Int>, columns: Int) -> Int {
    widths.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
  }
}
