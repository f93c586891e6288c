/// The grammar of one command, and what its help page says.
public struct CommandSyntax: Sendable {
  /// How many words may follow the flags.
  public enum Words: Sendable, Equatable {
    case none
    case exactly(Int)
    case atLeast(Int)
    case atMost(Int)
    case between(Int, Int)
    case any
  }

  /// The words that lead to the command, as `skiff network create`.
  public var path: String
  /// What follows the path in the usage line, as `[OPTIONS] NETWORK`; several lines where there are several forms.
  public var usage: [String]
  public var summary: String
  public var words: Words
  public var flags: [Flag]
  /// Every path that leads here; shown when there are several.
  public var aliases: [String]
  /// What the help page says below the summary.
  public var details: String
  /// Makes the example command lines, when somebody wants the help page.
  public var examples: @Sendable () -> [String]
  /// Whether flags may follow words. `run` and `exec` stop at the first word: the rest belongs to the container.
  public var mixesFlagsAndWords: Bool

  public init(
    _ path: String, _ usage: String..., summary: String, words: Words, flags: [Flag] = [],
    aliases: [String] = [],
    details: String = "", examples: @escaping @autoclosure @Sendable () -> [String] = [],
    mixesFlagsAndWords: Bool = true
  ) {
    self.path = path
    self.usage = usage
    self.summary = summary
    self.words = words
    self.flags = flags
    self.aliases = aliases
    self.details = details
    self.examples = examples
    self.mixesFlagsAndWords = mixesFlagsAndWords
  }

  /// Takes a command line apart; throws `UsageError`, whose text and status are Docker's.
  public func parse(_ arguments: [String]) throws(UsageError) -> Arguments {
    let parsed: Arguments
    do throws(FlagError) {
      parsed = try FlagParser(flags: flags, mixes: mixesFlagsAndWords).parse(arguments)
    } catch {
      throw usageError(error)
    }
    if let complaint = complaint(about: parsed.words.count) { throw complaint }
    return parsed
  }

  private func usageError(_ error: FlagError) -> UsageError {
    switch error {
    case .help: UsageError(text: HelpPage.text(of: self), status: 0)
    case .deprecatedHelp:
      UsageError(
        text: "Flag shorthand -h has been deprecated, use --help\n" + HelpPage.text(of: self), status: 0)
    case .wrong(let message):
      UsageError(
        text: "\(message)\n\n\(usageLines)\n\nRun '\(path) --help' for more information\n", status: 125)
    }
  }

  private func complaint(about count: Int) -> UsageError? {
    let (fits, wanted, see): (Bool, String, String) =
      switch words {
      case .any: (true, "", "")
      case .none: (count == 0, "accepts no arguments", "Run")
      case .exactly(let wanted): (count == wanted, "requires \(Self.count(wanted))", "Run")
      case .atLeast(let least): (count >= least, "requires at least \(Self.count(least))", "See")
      case .atMost(let most): (count <= most, "requires at most \(Self.count(most))", "Run")
      case .between(let least, let most):
        ((least...most).contains(count), "requires at least \(least) and at most \(Self.count(most))", "Run")
      }
    if fits { return nil }
    let program = path.split(separator: " ").first ?? ""
    return UsageError(
      text:
        "\(program): '\(path)' \(wanted)\n\n\(usageLines)\n\n\(see) '\(path) --help' for more information\n",
      status: 1)
  }

  private static func count(_ count: Int) -> String { "\(count) argument\(count == 1 ? "" : "s")" }

  var usageLines: String {
    let forms = usage.map { $0.isEmpty ? path : "\(path) \($0)" }
    return "Usage:  " + forms.joined(separator: "\n\t")
  }
}

/// A command line that was not understood, or that asked for help: the text to print and the status to exit with.
public struct UsageError: Error, Hashable, Sendable {
  /// Ends with a new line.
  public let text: String
  /// 0 for help, which goes to standard output; errors go to standard error.
  public let status: Int32

  public init(text: String, status: Int32) {
    self.text = text
    self.status = status
  }
}
