import ComposeModel
import DockerClient
import Flags
import Linux
import TerminalUI
import TextFormats

/// One run of a compose command: what stands before the command on its command line, and the engine.
struct Invocation: Sendable {
  var source: ProjectSource
  var connect: @Sendable () async throws -> DockerClient
  var authentication: @Sendable (_ registry: String) async -> String
  /// Runs a command for single containers, as `cp a b`.
  var call: @Sendable (_ words: [String]) async throws -> Int32
  /// `never`, `always` or `auto`.
  var ansi = "auto"
  /// `auto`, `tty`, `plain`, `json` or `quiet`.
  var progress = "auto"
  /// How many requests may be under way at once; nil is no limit.
  var parallel: Int?
  var dryRun = false
  var compatibility = false

  let files = DiskFiles()

  /// The project of the command line, with the services of `selection` and what they depend on.
  func project(
    selecting selection: [String] = [], options: LoadOptions = Invocation.usual
  ) throws -> Project {
    let log = LoadLog()
    defer { Self.tell(log) }
    return try Project.load(source, files: files, options: options, log: log, selecting: selection)
  }

  /// The whole project, with nothing told of what could be better.
  func quietProject() throws -> Project {
    try Project.load(source, files: files, options: Invocation.usual, log: LoadLog(), selecting: [])
  }

  /// Services with their environment files read, as containers need them.
  static let usual: LoadOptions = {
    var options = LoadOptions()
    options.discardsFiles = true
    return options
  }()

  /// The project where there are files, else only its name, for commands that need no files.
  func projectOrName(selecting selection: [String] = []) throws -> (project: Project?, name: String) {
    guard source.projectName.isEmpty || !source.files.isEmpty else { return (nil, source.projectName) }
    do {
      let project = try project(selecting: selection)
      return (project, project.name)
    } catch {
      if let name = source.environment["COMPOSE_PROJECT_NAME"], !name.isEmpty { return (nil, name) }
      throw error
    }
  }

  /// What stands between the parts of a container's name.
  var separator: String { compatibility ? "_" : "-" }

  static func tell(_ log: LoadLog) {
    for warning in log.warnings { Warnings.tell(warning) }
  }
}

/// Warnings as docker compose logs them.
enum Warnings {
  static func tell(_ message: String) {
    let stream = StandardStream.error
    if stream.isTerminal {
      stream.line("\u{1B}[33mWARN\u{1B}[0m[0000] \(message) ")
    } else {
      stream.line("time=\"\(LogTime.now())\" level=warning msg=\(GoQuote.text(message))")
    }
  }
}

/// A command that could not do what it was asked: what to tell, and the status to exit with.
public struct ComposeFailure: Error, Sendable, CustomStringConvertible {
  public let description: String
  public let status: Int32

  public init(_ description: String, status: Int32 = 1) {
    self.description = description
    self.status = status
  }
}
