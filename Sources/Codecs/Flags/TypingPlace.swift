/// Where in a command line somebody is typing: what shells ask when they complete a word.
public enum TypingPlace: Sendable {
  /// The name of a flag has begun.
  case flag
  /// The value of a flag; `prefix` is what of the word stands before it, as `--name=`.
  case value(Flag, prefix: String)
  /// A word that is no flag, behind these.
  case word(after: [String])

  /// `before` are the words behind the command, `typed` is the one that is being typed. Mistakes are passed over.
  public init(_ flags: [Flag], mixes: Bool, before: [String], typed: String) {
    var scan = Scan(flags: flags, mixes: mixes)
    for word in before { scan.take(word) }
    if let flag = scan.awaited {
      self = .value(flag, prefix: "")
    } else if !scan.isOver, typed.hasPrefix("-") {
      if typed.hasPrefix("--"), let equals = typed.firstIndex(of: "="),
        let flag = scan.long(typed[typed.index(typed.startIndex, offsetBy: 2)..<equals])
      {
        self = .value(flag, prefix: String(typed[...equals]))
      } else {
        self = .flag
      }
    } else {
      self = .word(after: scan.words)
    }
  }

  private struct Scan {
    let flags: [Flag]
    let mixes: Bool
    var words: [String] = []
    /// The flag whose value comes next.
    var awaited: Flag?
    /// Only words follow.
    var isOver = false

    func long(_ name: Substring) -> Flag? { flags.first { $0.name == name } }

    mutating func take(_ word: String) {
      if awaited != nil {
        awaited = nil
      } else if isOver || !word.hasPrefix("-") || word == "-" {
        words.append(word)
        if !mixes { isOver = true }
      } else if word == "--" {
        isOver = true
      } else if word.hasPrefix("--") {
        let name = word.dropFirst(2)
        if !name.contains("="), let flag = long(name), flag.needsValue { awaited = flag }
      } else {
        takeShorts(word.dropFirst())
      }
    }

    private mutating func takeShorts(_ letters: Substring) {
      var letters = letters
      while let letter = letters.popFirst() {
        guard let flag = flags.first(where: { $0.short == letter }), flag.needsValue else { continue }
        if letters.isEmpty { awaited = flag }
        return
      }
    }
  }
}

extension Flag {
  /// Whether a word of its own must follow.
  public var needsValue: Bool {
    switch value {
    case .one, .list, .commaList: true
    case .none, .optional: false
    }
  }
}
