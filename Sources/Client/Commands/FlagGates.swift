import DockerAPI
import DockerClient
import Flags

/// Flags that not every engine understands: they are refused before anything is done, in docker's words.
enum FlagGates {
  private enum Need {
    case windows, experiments
    case version(APIVersion)
  }

  private static let needs: [String: [String: Need]] = [
    "run": windows, "create": windows, "build": ["squash": .experiments],
    "start": ["checkpoint": .experiments, "checkpoint-dir": .experiments],
    "image inspect": platform(49), "history": platform(48), "save": platform(48), "load": platform(48),
    "rmi": platform(50), "image rm": platform(50), "image remove": platform(50),
  ]

  private static let windows: [String: Need] = [
    "cpu-count": .windows, "cpu-percent": .windows, "io-maxbandwidth": .windows, "io-maxiops": .windows,
  ]

  private static func platform(_ minor: Int) -> [String: Need] {
    ["platform": .version(APIVersion(1, minor))]
  }

  /// `path` is how the command was reached, as `skiff image rm`. The engine is asked only where such a flag is given.
  static func check(_ path: String, _ arguments: Arguments, _ session: Session) async throws {
    let words = path.split(separator: " ").dropFirst()
    let known = needs[words.joined(separator: " ")] ?? needs[words.last.map(String.init) ?? ""] ?? [:]
    for (name, need) in known.sorted(by: { $0.key < $1.key }) where arguments.isSet(name) {
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
