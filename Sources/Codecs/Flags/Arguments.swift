/// A command line taken apart: the flags' values and the other words.
public struct Arguments: Sendable {
  private let values: [(name: String, given: [String])]
  private let flags: [Flag]
  /// What is no flag, in order.
  public let words: [String]

  /// `values` has each name once.
  init(values: [(name: String, given: [String])], flags: [Flag], words: [String]) {
    self.values = values
    self.flags = flags
    self.words = words
  }

  private subscript(name: String) -> [String]? { values.first { $0.name == name }?.given }

  /// Whether the flag was given.
  public func isSet(_ name: String) -> Bool { self[name] != nil }

  /// The value given last, or the default.
  public func string(_ name: String) -> String {
    self[name]?.last ?? flags.first { $0.name == name }?.standard ?? ""
  }

  /// The value given last; nil when the flag was not given.
  public func given(_ name: String) -> String? { self[name]?.last }

  public func bool(_ name: String) -> Bool { GoValues.bool(string(name)) ?? false }

  /// The number given last, or the default.
  public func int(_ name: String) -> Int { Int(string(name)) ?? 0 }

  /// All values in the order given.
  public func list(_ name: String) -> [String] { self[name] ?? [] }

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
