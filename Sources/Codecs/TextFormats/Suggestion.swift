/// The known word that a mistyped one was probably meant to be.
public enum Suggestion {
  /// ` (did you mean FROM?)`, or nothing where no candidate is near.
  public static func suffix(for word: String, among candidates: some Sequence<String>) -> String {
    nearest(to: word, among: candidates).map { " (did you mean \($0)?)" } ?? ""
  }

  /// The same for several words: every candidate that is near one of them, in the words' order.
  public static func suffix(for words: [String], among candidates: some Sequence<String>) -> String {
    let near = words.compactMap { nearest(to: $0, among: candidates) }
    return near.isEmpty ? "" : " (did you mean \(near.joined(separator: ", "))?)"
  }

  /// At most two edits away, fewer for short words; letter case does not count.
  public static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
    // Bounded, because the distance takes time proportional to the product of the lengths.
    guard word.utf8.count <= 32 else { return nil }
    let scored = candidates.map { (candidate: $0, edits: edits(word.lowercased(), $0.lowercased())) }
    guard let best = scored.min(by: { $0.edits < $1.edits }), best.edits <= min(2, word.count / 2) else {
      return nil
    }
    return best.candidate
  }

  /// Levenshtein's distance.
  static func edits(_ first: String, _ second: String) -> Int {
    let second = Array(second)
    var row = Array(0...second.count)
    for (i, a) in first.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, b) in second.enumerated() {
        let substituted = diagonal + (a == b ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(substituted, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[second.count]
  }
}
