/// What to say about a command that does not exist.
public enum UnknownCommand {
  /// The error, with the nearest names there are.
  public static func error(_ name: String, in path: String, isGroup: Bool, among known: [String])
    -> UsageError
  {
    let program = path.split(separator: " ").first ?? ""
    var text = "\(program): unknown command: \(path) \(name)\n"
    let near = nearest(to: name, among: known)
    if !near.isEmpty { text += "\nDid you mean this?\n" + near.map { "\t\($0)\n" }.joined() }
    if isGroup { text += "\nUsage:  \(path)\n" }
    text += "\nRun '\(path) --help' for more information\n"
    return UsageError(text: text, status: 1)
  }

  /// The names at most two edits away, or that begin with what was typed; at most three.
  static func nearest(to name: String, among known: [String]) -> [String] {
    let limit = name.count < 4 ? 1 : 2
    let near = known.map { ($0, distance(name, $0)) }.filter { $0.1 <= limit || $0.0.hasPrefix(name) }
    return near.sorted { ($0.1, $0.0) < ($1.1, $1.0) }.prefix(3).map(\.0)
  }

  /// How many letters must be put in, left out, changed or swapped with a neighbour.
  static func distance(_ left: String, _ right: String) -> Int {
    let (left, right) = (Array(left), Array(right))
    var before: [Int] = []
    var row = Array(0...right.count)
    for (i, letter) in left.enumerated() {
      var next = [i + 1]
      for (j, other) in right.enumerated() {
        var best = min(row[j] + (letter == other ? 0 : 1), row[j + 1] + 1, next[j] + 1)
        if i > 0, j > 0, letter == right[j - 1], left[i - 1] == other { best = min(best, before[j - 1] + 1) }
        next.append(best)
      }
      (before, row) = (row, next)
    }
    return row[right.count]
  }
}
