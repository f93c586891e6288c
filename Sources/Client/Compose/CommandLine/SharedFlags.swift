import ComposeModel
import DockerClient
import Flags

/// Flags that several commands have, and what they mean.
enum SharedFlags {
  static let timeout = Flag.int("timeout|t", "Specify a shutdown timeout in seconds")
  static let index = Flag.int("index", "Index of the container if service has multiple replicas")

  static func timeout(_ arguments: Arguments) -> Int? {
    arguments.isSet("timeout") ? arguments.int("timeout") : nil
  }

  /// What `--pull` asks for; nil for what the services say.
  static func pull(_ arguments: Arguments) throws -> String? {
    let pull = arguments.string("pull")
    if ["", "policy"].contains(pull) { return nil }
    guard
      ["always", "missing", "never", "build", "if_not_present", "daily", "weekly"].contains(pull)
        || pull.hasPrefix("every_")
    else { throw ComposeFailure("invalid --pull option \"\(pull)\"") }
    return pull
  }

  /// `SERVICE=NUMBER` words.
  static func scales(_ words: [String]) throws -> [(name: String, count: Int)] {
    try words.map { word in
      let parts = word.split(separator: "=", omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else {
        throw ComposeFailure("invalid --scale option \"\(word)\". Should be SERVICE=NUM")
      }
      guard let count = Int(parts[1]) else {
        throw ComposeFailure("strconv.Atoi: parsing \"\(parts[1])\": invalid syntax")
      }
      guard count >= 0 else { throw ComposeFailure("\(parts[0]): there cannot be \(count) containers") }
      return (parts[0], count)
    }
  }
}

extension Invocation {
  /// The running or stopped containers of the project, of the services named; one-off ones only where said.
  func containers(
    of services: [String], _ client: DockerClient, project: String, all: Bool = true, oneOff: Bool = false
  ) async throws -> [ObservedContainer] {
    try await Observer(client: client).containers(of: project, all: all).filter {
      (services.isEmpty || services.contains($0.service)) && (oneOff || !$0.isOneOff)
    }
  }

  /// Throws for a service that neither the project nor the engine knows.
  func checkServices(_ names: [String], _ project: Project?, _ containers: [ObservedContainer]) throws {
    for name in names
    where project?.services[name] == nil && !containers.contains(where: { $0.service == name }) {
      throw ComposeFailure("no such service: \(name)")
    }
  }

  /// The container of a service with a number, or its first.
  func container(
    of service: String, index: Int, _ client: DockerClient, project: String
  ) async throws -> ObservedContainer {
    let all = try await containers(of: [service], client, project: project, all: false)
    let running = all.sorted { $0.number < $1.number }
    let found = index > 0 ? running.first { $0.number == index } : running.first
    guard let found else {
      if index > 0 { throw ComposeFailure("service \"\(service)\" is not running container #\(index)") }
      throw ComposeFailure("service \"\(service)\" is not running")
    }
    return found
  }
}
