/// One instruction of a Dockerfile.
public struct Instruction: Hashable, Sendable {
  /// As docker prints it behind `Step 1/7 : `; continuations joined.
  public let text: String
  /// Where it stands, from 1; a heredoc's lines included.
  public let lines: ClosedRange<Int>
  public let action: Action
  /// The text behind ` # ` on the same line, which is left out here and which docker does not understand.
  public let trailingComment: String?

  public init(text: String, lines: ClosedRange<Int>, action: Action, trailingComment: String? = nil) {
    self.text = text
    self.lines = lines
    self.action = action
    self.trailingComment = trailingComment
  }

  /// What an instruction asks for. Words still hold their quotes and variables: see `expanded`.
  public enum Action: Hashable, Sendable {
    case argument([Argument])
    case environment([Pair])
    case label([Pair])
    case maintainer(String)
    case run(Run)
    case copy(Copy)
    case workdir(String)
    case user(String)
    case volume([String])
    case expose([String])
    case command(CommandLine)
    case entrypoint(CommandLine)
    case shell([String])
    case stopSignal(String)
    case healthcheck(Health)
    /// The instruction to run in builds on top of this image.
    case onbuild(String)
  }

  /// `NAME` or `NAME=default`.
  public struct Argument: Hashable, Sendable {
    public var name: String
    public var value: String?
    public init(name: String, value: String?) {
      self.name = name
      self.value = value
    }
  }

  public struct Pair: Hashable, Sendable {
    public var key: String
    public var value: String
    public init(key: String, value: String) {
      self.key = key
      self.value = value
    }
  }

  /// What a process is started with.
  public struct CommandLine: Hashable, Sendable {
    public enum Form: Hashable, Sendable {
      /// One text for the shell.
      case shell
      /// Words as they are.
      case exec
    }
    public var words: [String]
    public var form: Form
    public var heredocs: [Heredoc]
  }

  public struct Run: Hashable, Sendable {
    public var commandLine: CommandLine
    /// `default`, `none` or `host`.
    public var network: String?
    /// The values of `--mount`.
    public var mounts: [String]
    public var security: String?
  }

  public struct Copy: Hashable, Sendable {
    public var isAdd: Bool
    public var sources: [String]
    public var files: [InlineFile]
    public var destination: String
    /// A stage, an image, or nil for the build context.
    public var from: String?
    public var chown: String
    public var chmod: String
    public var link: Bool
    public var parents: Bool
    public var excludes: [String]
    public var checksum: String
    /// Whether archives are unpacked, where it is said.
    public var unpack: Bool?
    public var keepGitDirectory: Bool
  }

  /// A file whose contents stand in the Dockerfile.
  public struct InlineFile: Hashable, Sendable {
    public var name: String
    public var content: String
    public var expands: Bool
  }

  /// Durations in nanoseconds; 0 takes the default.
  public struct Health: Hashable, Sendable {
    /// `["NONE"]`, `["CMD", …]` or `["CMD-SHELL", text]`.
    public var test: [String]
    public var interval: Int64 = 0
    public var timeout: Int64 = 0
    public var startPeriod: Int64 = 0
    public var startInterval: Int64 = 0
    public var retries = 0
  }
}

/// A FROM and what follows it.
public struct Stage: Hashable, Sendable {
  /// The image, an earlier stage's name or `scratch`; variables not replaced yet.
  public let base: String
  /// Lower case; nil where the stage has only its number.
  public let name: String?
  public let platform: String?
  public let text: String
  public let lines: ClosedRange<Int>
  public let trailingComment: String?
  public internal(set) var instructions: [Instruction]
}
