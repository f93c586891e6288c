import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff version`
enum VersionCommand {
  static let version = "0.1.0"
  static let line = "Skiff version \(version)"

  static let entry = CommandEntry("version", "Show the Skiff version information") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Show the Skiff version information", words: .none,
      flags: [CommonFlags.formatInspect])
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    var server: JSONValue?
    var failure: (any Error)?
    do {
      server = try await session.engine().serverVersionRaw()
    } catch {
      failure = error
    }
    let client = try await clientFields(session)
    let format = arguments.string("format")
    if format.isEmpty {
      StandardStream.output.write(text(client, heading: "Client:"))
      if let server { StandardStream.output.write("\n" + text(server)) }
    } else {
      let isJSON = format == "json"
      let template = try Listing.parse(isJSON ? "{{json .}}" : format, name: "version", status: 64)
      let shown = isJSON ? { $0 } : goNames
      let all: JSONValue = ["Client": shown(client), "Server": server.map(shown) ?? nil]
      try tell(.record(TemplateRecord(all, typeName: "system.versionInfo")), template)
    }
    if let failure { throw failure }
    return 0
  }

  /// Templates name the fields as Go's struct does.
  private static func goNames(_ server: JSONValue) -> JSONValue {
    guard case .object(var object) = server else { return server }
    for (go, wire) in ["APIVersion": "ApiVersion", "MinAPIVersion": "MinAPIVersion"] {
      if object[go] == nil, let value = object[wire] { object[go] = value }
    }
    return .object(object)
  }

  private static func clientFields(_ session: Session) async throws -> JSONValue {
    // Without an engine it is the version that would be tried first.
    let api = try? await session.engine().version()
    return [
      "Version": .string(version), "ApiVersion": .string("\(api ?? APIVersion.newest)"),
      "DefaultAPIVersion": .string("\(APIVersion.newest)"),
      "Os": "linux", "Arch": .string(Self.architecture), "Context": .string(session.contextName()),
    ]
  }

  private static var architecture: String {
    #if arch(arm64)
      "arm64"
    #else
      "amd64"
    #endif
  }

  private static func text(_ client: JSONValue, heading: String) -> String {
    let newest = APIVersion.newest
    let api = client["ApiVersion"]?.string ?? ""
    let lines = [
      ("Version", client["Version"]?.string ?? ""),
      ("API version", api == "\(newest)" ? api : "\(api) (downgraded from \(newest))"),
      ("OS/Arch", "linux/\(architecture)"), ("Context", client["Context"]?.string ?? ""),
    ]
    return heading + "\n" + lines.map { " \(padded($0.0 + ":"))\($0.1)\n" }.joined()
  }

  /// The server's part: its engine first, its other components below.
  private static func text(_ server: JSONValue) -> String {
    let platform = server["Platform"]?["Name"]?.string ?? ""
    var text = platform.isEmpty ? "Server:\n" : "Server: \(platform)\n"
    let components = server["Components"]?.array ?? []
    guard !components.isEmpty else {
      return text + " Engine:\n"
        + details([
          ("Version", server["Version"]?.string), ("API version", apiVersion(server)),
          ("OS/Arch", "\(server["Os"]?.string ?? "")/\(server["Arch"]?.string ?? "")"),
        ])
    }
    for component in components {
      let more = component["Details"]
      text += " \(component["Name"]?.string ?? ""):\n"
      var lines: [(String, String?)] = [("Version", component["Version"]?.string)]
      if more?["ApiVersion"] != nil {
        let range =
          "\(more?["ApiVersion"]?.string ?? "") (minimum version \(more?["MinAPIVersion"]?.string ?? ""))"
        lines += [("API version", range), ("Go version", more?["GoVersion"]?.string)]
      }
      lines += [("Git commit", more?["GitCommit"]?.string), ("GitCommit", nil)]
      if more?["ApiVersion"] != nil {
        lines += [
          ("Built", more?["BuildTime"]?.string),
          ("OS/Arch", "\(more?["Os"]?.string ?? "")/\(more?["Arch"]?.string ?? "")"),
          ("Experimental", more?["Experimental"]?.string),
        ]
      }
      text += details(lines)
    }
    return text
  }

  private static func apiVersion(_ server: JSONValue) -> String {
    "\(server["ApiVersion"]?.string ?? "") (minimum version \(server["MinAPIVersion"]?.string ?? ""))"
  }

  private static func details(_ lines: [(String, String?)]) -> String {
    lines.filter { $0.1?.isEmpty == false }.map { "  \(padded($0.0 + ":", 18))\($0.1 ?? "")\n" }.joined()
  }

  private static func padded(_ text: String, _ width: Int = 19) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }
}
