/// Columns as Docker lays them out: at least 10 wide, 3 spaces between, the last as long as it is.
public enum Table {
  /// Lays out lines whose cells are separated by tabs.
  public static func layOut(_ lines: [String], minimum: Int = 10, padding: Int = 3) -> String {
    let rows = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init) }
    var widths: [Int] = []
    for row in rows {
      for (column, cell) in row.dropLast().enumerated() {
        if column == widths.count { widths.append(0) }
        widths[column] = max(widths[column], cell.unicodeScalars.count)
      }
    }
    var text = ""
    for row in rows {
      for (column, cell) in row.enumerated() {
        text += cell
        if column < row.count - 1 {
          let width = max(minimum, widths[column] + padding)
          text += String(repeating: " ", count: width - cell.unicodeScalars.count)
        }
      }
      text += "\n"
    }
    return text
  }
}
