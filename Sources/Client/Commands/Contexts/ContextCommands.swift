import Credentials
import DockerClient
import Flags
import Hashing
import JSON
import Linux
import TerminalUI
import TextFormats

/// `skiff context …`: names for engines, kept where Docker's client keeps them.
enum ContextCommands {
  static let show = CommandEntry("show", "Print the name of the current context") { path in
    Command(CommandSyntax(path, "", summary: "Print the name of the current context", words: .none)) {
      _, session in
      StandardStream.output.line(try session.contextName())
      return 0
    }
  }

  static let use = CommandEntry("use", "Set the current context") { path in
    Command(CommandSyntax(path, "CONTEXT", summary: "Set the current context", words: .exactly(1))) {
      arguments, session in
      let name = arguments.words[0]
      _ = try find(name, session)
      var config = try session.config()
      config["currentContext"] = name == "default" ? nil : .string(name)
      try config.save()
      StandardStream.output.line(name)
      StandardStream.error.line("Current context is now \"\(name)\"")
      for variable in ["SKIFF_HOST", "DOCKER_HOST"]
      where name != "default" && Environment.value(variable)?.isEmpty == false {
        StandardStream.error.line(
          "Warning: \(variable) environment variable overrides the active context. To use \"\(name)\", unset it."
        )
      }
      return 0
    }
  }

  static let list = CommandEntry("ls", aliases: ["list"], "List contexts") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "List contexts", words: .none,
      flags: [CommonFlags.formatTable, .bool("quiet|q", "Only show context names")],
      aliases: aliases("context ls", "context list"))
    return Command(syntax) { arguments, session in
      let current = try session.contextName()
      let rows = all(session).map { context in
        TemplateRecord([
          ("Current", .bool(context.name == current)), ("Description", .string(context.description)),
          ("DockerEndpoint", .string(context.host)),
          ("Error", ""), ("Name", .string(context.name)),
          ("Shown", .string(context.name + (context.name == current ? " *" : ""))),
        ])
      }
      if arguments.bool("quiet") {
        for row in rows { StandardStream.output.line(row["Name"]) }
        return 0
      }
      let listing = Listing(
        columns: [
          ("Description", "DESCRIPTION"), ("DockerEndpoint", "DOCKER ENDPOINT"), ("Error", "ERROR"),
          ("Name", "NAME"), ("Shown", "NAME"), ("Current", "CURRENT"),
        ],
        standard: ["Shown", "Description", "DockerEndpoint", "Error"])
      StandardStream.output.write(try listing.text(arguments.string("format"), rows))
      return 0
    }
  }

  static let inspect = CommandEntry("inspect", "Display detailed information on one or more contexts") {
    path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [CONTEXT] [CONTEXT...]",
      summary: "Display detailed information on one or more contexts", words: .any,
      flags: [CommonFlags.formatInspect])
    return Command(syntax) { arguments, session in
      let names = arguments.words.isEmpty ? [try session.contextName()] : arguments.words
      let values: [JSONValue] = try names.map { name in
        let context = try find(name, session)
        return [
          "Name": .string(context.name),
          "Metadata": context.description.isEmpty ? [:] : ["Description": .string(context.description)],
          "Endpoints": ["docker": ["Host": .string(context.host), "SkipTLSVerify": false]],
        ]
      }
      let format = Listing.unescape(arguments.string("format"))
      if format.isEmpty {
        StandardStream.output.line(
          String(decoding: JSON.encode(values, as: .docker, pretty: true), as: UTF8.self))
      } else {
        let template = try Listing.parse(format == "json" ? "{{json .}}" : format)
        for value in values { StandardStream.output.line(try InspectCommand.render(template, value)) }
      }
      return 0
    }
  }

  static let create = CommandEntry("create", "Create a context") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTEXT", summary: "Create a context", words: .exactly(1),
      flags: [
        .string("description", "Description of the context"),
        .string(
          "docker", "Where the engine is, as host=unix:///path or host=tcp://host:port",
          typeName: "stringToString"),
        .string("from", "Create context from a named context"),
      ], examples: ["skiff context create other --docker host=tcp://other:2375"])
    return Command(syntax) { arguments, session in
      let name = arguments.words[0]
      let letters = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) }
      guard name != "default", name.count > 1, letters,
        name.first?.isLetter == true || name.first?.isNumber == true
      else {
        throw CommandFailure(
          name == "default"
            ? "\"default\" is a reserved context name"
            : "context name \"\(name)\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\""
        )
      }
      let store = ContextStore(configDirectory: session.configDirectory)
      guard store.find(name) == nil else { throw CommandFailure("context \"\(name)\" already exists") }
      let host = try host(arguments, session)
      let context = EngineContext(name: name, description: arguments.string("description"), host: host)
      try store.write(context, digest: digest(name))
      StandardStream.output.line(name)
      StandardStream.error.line("Successfully created context \"\(name)\"")
      return 0
    }
  }

  static let remove = CommandEntry("rm", aliases: ["remove"], "Remove one or more contexts") { path in
    let syntax = CommandSyntax(
      path, "CONTEXT [CONTEXT...]", summary: "Remove one or more contexts", words: .atLeast(1),
      flags: [.bool("force|f", "Force the removal of a context in use")],
      aliases: aliases("context rm", "context remove"))
    return Command(syntax) { arguments, session in
      let current = try session.contextName()
      let force = arguments.bool("force")
      return await forEach(arguments.words) { name in
        guard name != "default" else { throw CommandFailure("context \"default\" cannot be removed") }
        let store = ContextStore(configDirectory: session.configDirectory)
        guard store.find(name) != nil else { throw CommandFailure("context \"\(name)\": not found") }
        if name == current {
          guard force else {
            throw CommandFailure("context \"\(name)\" is in use, set -f flag to force remove")
          }
          var config = try session.config()
          config["currentContext"] = nil
          try config.save()
        }
        try store.remove(digest: digest(name))
        return name
      }
    }
  }

  private static func all(_ session: Session) -> [EngineContext] {
    [standard(session)] + ContextStore(configDirectory: session.configDirectory).all()
  }

  private static func standard(_ session: Session) -> EngineContext {
    let host = Environment.value("SKIFF_HOST") ?? Environment.value("DOCKER_HOST") ?? "\(DockerHost.standard)"
    return EngineContext(name: "default", description: "This machine's engine", host: host)
  }

  private static func find(_ name: String, _ session: Session) throws -> EngineContext {
    if name == "default" { return standard(session) }
    guard let context = ContextStore(configDirectory: session.configDirectory).find(name) else {
      throw CommandFailure("context \"\(name)\": context not found")
    }
    return context
  }

  private static func host(_ arguments: Arguments, _ session: Session) throws -> String {
    if let from = arguments.given("from") { return try find(from, session).host }
    var options: [String: String] = [:]
    for field in CommaFields.split(arguments.string("docker")) where !field.isEmpty {
      let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw CommandFailure("invalid docker endpoint options: \(field)") }
      options[parts[0]] = parts[1]
    }
    if let from = options["from"] { return try find(from, session).host }
    guard let host = options["host"] else {
      throw CommandFailure("docker endpoint configuration is required")
    }
    return try DockerHost(host).description
  }

  private static func digest(_ name: String) -> String { SHA256.hex(of: name) }
}
