import Credentials
import JSON
import Linux

/// Programs `docker-NAME` that add commands, kept where docker's client looks for them: `skiff NAME …` runs them.
enum ClientPlugin {
  private static let systemDirectories = [
    "/usr/local/lib/docker/cli-plugins", "/usr/local/libexec/docker/cli-plugins",
    "/usr/lib/docker/cli-plugins", "/usr/libexec/docker/cli-plugins",
  ]

  /// Becomes the plugin where there is one of the name; returns where there is none.
  ///
  /// The plugin gets all words, its own name first, and finds the engine that skiff would talk to.
  static func run(_ name: String, _ words: [String], _ session: Session) throws {
    guard let program = try find(name, session) else { return }
    var environment = Environment.all().filter {
      !$0.hasPrefix("DOCKER_HOST=") && !$0.hasPrefix("DOCKER_CONTEXT=")
    }
    environment.append("DOCKER_HOST=\(try session.host())")
    if let directory = session.options.configDirectory { environment.append("DOCKER_CONFIG=\(directory)") }
    try Processes.execute(program, arguments: [program] + words, environment: environment)
  }

  private static func find(_ name: String, _ session: Session) throws -> String? {
    // A name is no path.
    guard name.utf8.allSatisfy({ (97...122).contains($0) || (48...57).contains($0) }) else { return nil }
    let extra = (session.config()["cliPluginsExtraDirs"]?.array ?? []).compactMap(\.string)
    let directories = extra + ["\(session.configDirectory)/cli-plugins"] + systemDirectories
    return directories.map { "\($0)/docker-\(name)" }.first(where: Files.exist)
  }
}
