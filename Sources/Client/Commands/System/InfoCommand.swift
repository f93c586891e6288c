import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff info`
enum InfoCommand {
  static let entry = CommandEntry("info", "Display system-wide information") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Display system-wide information", words: .none,
      flags: [CommonFlags.formatInspect],
      aliases: aliases("system info", "info"))
    return Command(syntax, run)
  }

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let format = arguments.string("format")
    let client =
      "Client:\n Version:    \(VersionCommand.version)\n Context:    \(session.contextName())\n Debug Mode: \(session.options.debug)\n\nServer:\n"
    do {
      let info = try await session.engine().infoRaw()
      if format.isEmpty {
        StandardStream.output.write(client + InfoText.text(info))
        for warning in info["Warnings"]?.array ?? [] { StandardStream.error.line(warning.string ?? "") }
      } else {
        try tell(
          .record(TemplateRecord(info, typeName: "system.dockerInfo")),
          try Listing.parse(format == "json" ? "{{json .}}" : format, status: 64))
      }
      return 0
    } catch let error as ConnectionError {
      if format.isEmpty { StandardStream.output.write(client) }
      throw error
    }
  }
}

/// Writes one object by a template. Docker ends the line that it could not fill.
func tell(_ value: TemplateValue, _ template: GoTemplate) throws {
  do {
    StandardStream.output.line(try template.render(value, fields: InspectOutput.fields))
  } catch {
    StandardStream.output.line("")
    throw error
  }
}

/// What `info` says of the engine, in docker's order.
enum InfoText {
  static func text(_ info: JSONValue) -> String {
    var lines: [String] = []
    func add(_ name: String, _ value: String?, indent: Int = 1) {
      guard let value, !value.isEmpty else { return }
      lines.append("\(String(repeating: " ", count: indent))\(name): \(value)")
    }
    func text(_ key: String) -> String? { info[key].map(TemplateText.of) }
    add("Containers", text("Containers"))
    for (name, key) in [
      ("Running", "ContainersRunning"), ("Paused", "ContainersPaused"), ("Stopped", "ContainersStopped"),
    ] {
      add(name, text(key), indent: 2)
    }
    add("Images", text("Images"))
    add("Server Version", text("ServerVersion"))
    add("Storage Driver", text("Driver"))
    for pair in info["DriverStatus"]?.array ?? [] {
      add(pair.array?.first?.string ?? "", pair.array?.last?.string, indent: 2)
    }
    add("Logging Driver", text("LoggingDriver"))
    add("Cgroup Driver", text("CgroupDriver"))
    add("Cgroup Version", text("CgroupVersion"))
    lines.append(" Plugins:")
    for key in ["Volume", "Network", "Log"] { add(key, words(info["Plugins"]?[key]), indent: 2) }
    add("Swarm", info["Swarm"]?["LocalNodeState"]?.string)
    add("Runtimes", (info["Runtimes"]?.object ?? [:]).keys.sorted().joined(separator: " "))
    add("Default Runtime", text("DefaultRuntime"))
    add("Init Binary", text("InitBinary"))
    for (name, key) in [
      ("containerd version", "ContainerdCommit"), ("runc version", "RuncCommit"),
      ("init version", "InitCommit"),
    ] {
      add(name, info[key]?["ID"]?.string)
    }
    let options = (info["SecurityOptions"]?.array ?? []).compactMap(\.string)
    if !options.isEmpty { lines.append(" Security Options:") }
    for option in options { lines += security(option) }
    add("Kernel Version", text("KernelVersion"))
    add("Operating System", text("OperatingSystem"))
    add("OSType", text("OSType"))
    add("Architecture", text("Architecture"))
    add("CPUs", text("NCPU"))
    add("Total Memory", info["MemTotal"]?.number.map(ByteSize.binary))
    add("Name", text("Name"))
    add("ID", text("ID"))
    add("Docker Root Dir", text("DockerRootDir"))
    add("Debug Mode", text("Debug"))
    add("HTTP Proxy", text("HttpProxy"))
    add("HTTPS Proxy", text("HttpsProxy"))
    add("No Proxy", text("NoProxy"))
    add("Experimental", text("ExperimentalBuild"))
    let registries = (info["RegistryConfig"]?["InsecureRegistryCIDRs"]?.array ?? []).compactMap(\.string)
    if !registries.isEmpty { lines.append(" Insecure Registries:") }
    lines += registries.map { "  \($0)" }
    add("Live Restore Enabled", text("LiveRestoreEnabled"))
    return lines.joined(separator: "\n") + "\n\n"
  }

  private static func words(_ value: JSONValue?) -> String {
    (value?.array ?? []).compactMap(\.string).joined(separator: " ")
  }

  /// `name=seccomp,profile=builtin` as a name and what belongs to it.
  private static func security(_ option: String) -> [String] {
    let parts = option.split(separator: ",").map { $0.split(separator: "=", maxSplits: 1).map(String.init) }
    return parts.compactMap { part in
      guard part.count == 2 else { return nil }
      return part[0] == "name"
        ? "  \(part[1])" : "   \(part[0].prefix(1).uppercased())\(part[0].dropFirst()): \(part[1])"
    }
  }
}

/// A JSON value as a word.
enum TemplateText {
  static func of(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): text
    case .integer(let number): "\(number)"
    case .bool(let flag): "\(flag)"
    case .number(let number): "\(number)"
    default: ""
    }
  }
}
