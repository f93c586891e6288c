/// A command line taken apart: the flags' values and the other words.
public struct Arguments: Sendable {
  private let values: [String: [String]]
  private let standards: [String: String]
  /// What is no flag, in order.
  public let words: [String]

  init(values: [String: [String]], flags: [Flag], words: [String]) {
    self.values = values
    standards = Dictionary(flags.map { ($0.name, $0.standard) }) { first, _ in first }
    self.words = words
  }

  /// Whether the flag was given.
  public func isSet(_ name: String) -> Bool { values[name] != nil }

  /// The value given last, or the default.
  public func string(_ name: String) -> String { values[name]?.last ?? standards[name] ?? "" }

  /// The value given last; nil when the flag was not given.
  public func given(_ name: String) -> String? { values[name]?.last }

  public func bool(_ name: String) -> Bool { GoValues.bool(string(name)) ?? false }

  /// The number given last, or the default.
  public func int(_ name: String) -> Int { Int(string(name)) ?? 0 }

  /// All values in the order given.
  public func list(_ name: String) -> [String] { values[name] ?? [] }

  /// `key=value` words as a dictionary; a word without `=` has the value "".
  public func map(_ name: String) -> [String: String] {
    Dictionary(
      list(name).map { word in
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
      }
    ) { _, last in last }
  }
}
