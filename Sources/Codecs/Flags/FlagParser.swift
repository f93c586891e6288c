enum FlagError: Error {
  case help
  case deprecatedHelp
  case wrong(String)
}

/// Command lines as Go's pflag reads them: `--name value`, `--name=value`, `-n value`, `-nvalue`, `-abn value`, `--`.
struct FlagParser {
  private let flags: [Flag]
  private let mixes: Bool
  private var values: [(name: String, given: [String])] = []
  private var words: [String] = []
  private var rest: ArraySlice<String> = []

  init(flags: [Flag], mixes: Bool) {
    self.flags = flags
    self.mixes = mixes
  }

  consuming func parse(_ arguments: [String]) throws(FlagError) -> Arguments {
    rest = arguments[...]
    while let word = rest.popFirst() {
      if word == "--" {
        words += rest
        break
      } else if word.hasPrefix("--") {
        try long(word.dropFirst(2))
      } else if word.hasPrefix("-"), word != "-" {
        try shorts(word)
      } else {
        words.append(word)
        if !mixes {
          words += rest
          break
        }
      }
    }
    return Arguments(values: values, flags: flags, words: words)
  }

  private mutating func long(_ word: Substring) throws(FlagError) {
    let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(parts[0])
    guard !name.isEmpty, !name.hasPrefix("-") else { throw .wrong("bad flag syntax: --\(word)") }
    guard let flag = flags.first(where: { $0.name == name }) else {
      if name == "help" { throw .help }
      let near = UnknownCommand.nearest(to: name, among: flags.filter { !$0.isHidden }.map(\.name))
      let hint =
        near.isEmpty ? "" : "\n\nDid you mean this?\n" + near.map { "\t--\($0)" }.joined(separator: "\n")
      throw .wrong("unknown flag: --\(name)\(hint)")
    }
    if parts.count == 2 {
      try set(flag, String(parts[1]))
    } else if let bare = flag.bareValue {
      try set(flag, bare)
    } else if let value = rest.popFirst() {
      try set(flag, value)
    } else {
      throw .wrong("flag needs an argument: --\(name)")
    }
  }

  private mutating func shorts(_ word: String) throws(FlagError) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      guard let flag = flags.first(where: { $0.short == letter }) else {
        if letter == "h" { throw .deprecatedHelp }
        throw .wrong("unknown shorthand flag: '\(letter)' in -\(letter)\(letters)")
      }
      if letters.first == "=" {
        try set(flag, String(letters.dropFirst()))
        return
      }
      if let bare = flag.bareValue {
        try set(flag, bare)
        continue
      }
      guard let value = letters.isEmpty ? rest.popFirst() : String(letters) else {
        throw .wrong("flag needs an argument: '\(letter)' in -\(letter)")
      }
      try set(flag, value)
      return
    }
  }

  private mutating func set(_ flag: Flag, _ value: String) throws(FlagError) {
    let given =
      flag.value == .commaList
      ? value.split(separator: ",", omittingEmptySubsequences: false).map(String.init) : [value]
    for value in given {
      if let complaint = flag.check(value) {
        throw .wrong("invalid argument \"\(value)\" for \"\(flag.label)\" flag: \(complaint)")
      }
    }
    guard let index = values.firstIndex(where: { $0.name == flag.name }) else {
      values.append((flag.name, given))
      return
    }
    switch flag.value {
    case .list, .commaList: values[index].given += given
    default: values[index].given = given
    }
  }
}

extension Flag {
  /// The value that a flag without one stands for; nil when it needs one.
  fileprivate var bareValue: String? {
    switch value {
    case .none: "true"
    case .optional(let bare): bare
    default: nil
    }
  }
}
