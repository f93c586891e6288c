import Flags

/// What a shell may offer for the word that is being typed.
struct Suggestions: Sendable {
  struct Item: Sendable {
    var text: String
    var about: String

    init(_ text: String, _ about: String = "") {
      self.text = text
      // A line is an item.
      self.about = String(about.prefix { $0 != "\n" })
    }
  }

  /// What the shell is to do besides, cobra's numbers.
  struct Directive: OptionSet, Sendable {
    let rawValue: Int
    /// No blank behind a suggestion that is taken.
    static let noSpace = Directive(rawValue: 2)
    /// No names of files where there is no suggestion.
    static let noFiles = Directive(rawValue: 4)
    /// Names of directories.
    static let directories = Directive(rawValue: 16)
  }

  var items: [Item]
  var directive: Directive

  init(_ items: [Item], _ directive: Directive = .noFiles) {
    self.items = items
    self.directive = directive
  }

  static let nothing = Suggestions([])
  static let files = Suggestions([], [])
  static let directories = Suggestions([], .directories)

  static func flags(_ flags: [Flag]) -> Suggestions {
    let shown = flags.filter { !$0.isHidden } + [.bool("help", "Print usage")]
    return Suggestions(
      shown.flatMap { flag in
        [Item("--\(flag.name)", flag.summary)] + (flag.short.map { [Item("-\($0)", flag.summary)] } ?? [])
      })
  }

  static func texts(_ texts: String...) -> Suggestions { Suggestions(texts.map { Item($0) }) }

  /// The same behind what of the word stands before them.
  func prefixed(_ prefix: String) -> Suggestions {
    Suggestions(items.map { Item(prefix + $0.text, $0.about) }, directive)
  }
}
