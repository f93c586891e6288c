import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff inspect`, and inspect in each group.
enum InspectCommand {
  /// What can be inspected, in the order in which a name is looked for.
  enum Kind: String, CaseIterable { case container, image, network, volume }

  private static let ofSwarm = ["config", "node", "plugin", "secret", "service", "task"]

  static let entry = CommandEntry("inspect", "Return low-level information on Docker objects") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NAME|ID [NAME|ID...]", summary: "Return low-level information on Docker objects",
      words: .atLeast(1),
      flags: [
        CommonFlags.formatInspect, .bool("size|s", "Display total file sizes if the type is container"),
        .string("type", "Only inspect objects of the given type"),
      ])
    return Command(syntax) { arguments, session in
      let type = arguments.string("type")
      guard type.isEmpty || Kind(rawValue: type) != nil else {
        let isOfSwarm = ofSwarm.contains(type)
        if isOfSwarm { throw CommandFailure("a \(type) needs swarm mode or plugins, which are not there") }
        let known = (Kind.allCases.map(\.rawValue) + ofSwarm).sorted().map { "\"\($0)\"" }.joined(
          separator: ", ")
        throw CommandFailure("unknown type: \"\(type)\": must be one of \(known)")
      }
      return try await inspect(
        arguments, session, Kind(rawValue: type).map { [$0] } ?? Kind.allCases, isAny: true)
    }
  }

  static let containers = only(.container, "CONTAINER", [.bool("size|s", "Display total file sizes")])
  static let images = only(.image, "IMAGE", [CommonFlags.platform])
  static let networks = only(.network, "NETWORK", [.bool("verbose|v", "Verbose output for diagnostics")])
  static let volumes = only(.volume, "VOLUME", [])

  private static func only(_ kind: Kind, _ word: String, _ flags: [Flag]) -> CommandEntry {
    CommandEntry("inspect", "Display detailed information on one or more \(kind.rawValue)s") { path in
      let syntax = CommandSyntax(
        path, "[OPTIONS] \(word) [\(word)...]",
        summary: "Display detailed information on one or more \(kind.rawValue)s",
        words: .atLeast(1), flags: [CommonFlags.formatInspect] + flags)
      return Command(syntax) { arguments, session in
        try await inspect(arguments, session, [kind], isAny: false)
      }
    }
  }

  private static func inspect(
    _ arguments: Arguments, _ session: Session, _ kinds: [Kind], isAny: Bool
  ) async throws -> Int32 {
    let output = try InspectOutput(arguments.string("format"))
    let client = try await session.engine()
    var found: [JSONValue] = []
    var failures: [String] = []
    for name in arguments.words {
      do {
        if let value = try await find(name, kinds, arguments, client) {
          found.append(value)
        } else {
          failures.append("Error: No such object: \(name)")
        }
      } catch let error as APIError {
        failures.append(
          isAny && kinds.count > 1 && error.isNotFound ? "Error: No such object: \(name)" : "\(error)")
      }
    }
    failures += output.tell(found)
    for failure in failures { StandardStream.error.line(failure) }
    return failures.isEmpty ? 0 : 1
  }

  private static func find(
    _ name: String, _ kinds: [Kind], _ arguments: Arguments, _ client: DockerClient
  ) async throws -> JSONValue? {
    for kind in kinds {
      do {
        return try await get(kind, name, arguments, client)
      } catch let error as APIError where error.isNotFound && kinds.count > 1 {
        continue
      }
    }
    return nil
  }

  private static func get(
    _ kind: Kind, _ name: String, _ arguments: Arguments, _ client: DockerClient
  ) async throws -> JSONValue {
    switch kind {
    case .container: try await client.inspectContainerRaw(name, size: arguments.bool("size"))
    case .image: try await client.inspectImageRaw(name, platform: try CommonFlags.platform(arguments))
    case .network: try await client.inspectNetworkRaw(name, verbose: arguments.bool("verbose"))
    case .volume: try await client.inspectVolumeRaw(name)
    }
  }
}
