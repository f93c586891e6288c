import DockerAPI
import DockerClient
import Flags

/// Flags that not every engine understands: they are refused before anything is done, in docker's words.
enum FlagGates {
  private enum Need {
    case windows, experiments
    case version(APIVersion)
  }

  /// What the flags of a command need, by its path behind the program's name. A switch, not a table: most commands have
  /// no such flag, and every command comes through here.
  private static func needs(_ path: String) -> [(flag: String, need: Need)] {
    switch path {
    case "run", "create", "container run", "container create":
      ["cpu-count", "cpu-percent", "io-maxbandwidth", "io-maxiops"].map { ($0, .windows) }
    case "build", "image build", "builder build": [("squash", .experiments)]
    case "start", "container start": [("checkpoint", .experiments), ("checkpoint-dir", .experiments)]
    case "history", "save", "load", "image history", "image save", "image load": platform(48)
    case "image inspect": platform(49)
    case "rmi", "image rm", "image remove": platform(50)
    default: []
    }
  }

  private static func platform(_ minor: Int) -> [(flag: String, need: Need)] {
    [("platform", .version(APIVersion(1, minor)))]
  }

  /// `path` is how the command was reached, as `skiff image rm`. The engine is asked only where such a flag is given.
  static func check(_ path: String, _ arguments: Arguments, _ session: Session) async throws {
    for (name, need) in needs(String(path.dropFirst(programName.count + 1))) where arguments.isSet(name) {
      let engine = try await session.engine()
      let answer = try await engine.ping()
      let other = answer.operatingSystem
      switch need {
      case .windows where other != "windows":
        throw CommandFailure(
          "\"--\(name)\" is only supported on a Docker daemon running on windows, but the Docker daemon is running on \(other)"
        )
      case .experiments where !answer.isExperimental:
        throw CommandFailure(
          "\"--\(name)\" is only supported on a Docker daemon with experimental features enabled")
      case .version(let least) where try await engine.version() < least:
        throw CommandFailure(
          "\"--\(name)\" requires API version \(least), but the Docker daemon API version is \(try await engine.version())"
        )
      default: break
      }
    }
  }
}
