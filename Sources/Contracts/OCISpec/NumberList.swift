/// Lists of CPUs and memory nodes as the kernel writes them: `0-3,7`.
public enum NumberList {
  /// The numbers as they stand; nil for what is no such list or reaches `bound`. Spaces are passed over.
  public static func parse(_ text: String, below bound: Int = 1024) -> [Int]? {
    var numbers: [Int] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let ends = part.split(separator: "-", omittingEmptySubsequences: false)
        .map { Int($0.filter { $0 != " " }) }
      guard (1...2).contains(ends.count), let first = ends[0], let last = ends[ends.count - 1],
        0 <= first, first <= last, last < bound
      else { return nil }
      numbers += Array(first...last)
    }
    return numbers
  }
}
