import Flags

/// What was set by flags and file together, as words by the flag's name.
struct SettingValues {
  private var words: [String: [String]]

  init(file: [String: [String]]) { words = file }

  /// What stands in both is refused.
  init(_ given: Arguments, _ file: ConfigurationFile) throws(SettingsError) {
    words = file.values
    var conflicts: [String] = []
    for directive in Directive.all where given.isSet(directive.flag) {
      let flagged = directive.takesSeveral ? given.list(directive.flag) : [given.string(directive.flag)]
      if let other = file.values[directive.flag] {
        conflicts.append(
          "\(directive.key): (from flag: \(Self.shown(flagged, directive)), "
            + "from file: \(Self.shown(other, directive)))")
      }
      words[directive.flag] = flagged
    }
    guard conflicts.isEmpty else {
      throw .wrong(
        "the following directives are specified both as a flag and in the configuration file: "
          + conflicts.joined(separator: ", "))
    }
  }

  private static func shown(_ words: [String], _ directive: Directive) -> String {
    directive.takesSeveral ? "[\(words.joined(separator: " "))]" : words.joined()
  }

  func list(_ name: String) -> [String]? { words[name] }

  /// The last word, unless it is empty.
  func text(_ name: String) -> String? { words[name]?.last.flatMap { $0.isEmpty ? nil : $0 } }

  /// Go's words for truth, which the flag's own check has let through.
  func toggle(_ name: String) -> Bool? {
    text(name).map { GoValues.bool($0) ?? false }
  }

  /// dockerd's complaint about a number below zero.
  func count(_ name: String) throws(SettingsError) -> Int? { try number(name, from: 0) }

  func number(_ name: String, from least: Int = .min) throws(SettingsError) -> Int? {
    guard let text = text(name) else { return nil }
    guard let number = Int(text), number >= least else {
      throw .wrong("invalid \(name.split(separator: "-").joined(separator: " ")): \(text)")
    }
    return number
  }
}
