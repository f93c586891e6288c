import Credentials
import DockerClient
import Flags
import JSON
import Linux
import TerminalUI
import TextFormats

/// `skiff context …`: names for engines, kept where Docker's client keeps them.
enum ContextCommands {
  static let show = CommandEntry("show", "Print the name of the current context") { path in
    Command(CommandSyntax(path, "", summary: "Print the name of the current context", words: .none)) {
      _, session in
      StandardStream.output.line(session.contextName())
      return 0
    }
  }

  static let use = CommandEntry("use", "Set the current context") { path in
    Command(CommandSyntax(path, "CONTEXT", summary: "Set the current context", words: .exactly(1))) {
      arguments, session in
      let name = arguments.words[0]
      _ = try find(name, session)
      var config = session.config()
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
      let current = session.contextName()
      let rows = all(session).map { context in
        TemplateRecord(
          [
            ("Current", .bool(context.name == current)), ("Description", .string(context.description)),
            ("DockerEndpoint", .string(context.host)),
            ("Error", ""), ("Name", .string(context.name)),
          ], typeName: "*formatter.clientContextContext")
      }
      let listing = Listing(
        columns: [
          ("Description", "DESCRIPTION"), ("DockerEndpoint", "DOCKER ENDPOINT"), ("Error", "ERROR"),
          ("Name", "NAME"), ("Current", ""),
        ],
        standard: ["Name", "Description", "DockerEndpoint", "Error"], quiet: ("", "Name"))
      let given = arguments.string("format")
      // The table marks the one in use.
      let format =
        ["", "table"].contains(given) && !arguments.bool("quiet")
        ? "table {{.Name}}{{if .Current}} *{{end}}\t{{.Description}}\t{{.DockerEndpoint}}\t{{.Error}}" : given
      StandardStream.output.write(try listing.text(format, isQuiet: arguments.bool("quiet"), rows))
      warn(session)
      return 0
    }
  }

  /// Says that the current context has no say.
  private static func warn(_ session: Session) {
    guard session.options.host == nil, session.options.context == nil else { return }
    for variable in ["SKIFF_HOST", "DOCKER_HOST"] where Environment.value(variable)?.isEmpty == false {
      StandardStream.error.line(
        "Warning: \(variable) environment variable overrides the active context. "
          + "To use a context, either set the global --context flag, or unset \(variable) environment variable."
      )
      return
    }
  }

  static let inspect = CommandEntry("inspect", "Display detailed information on one or more contexts") {
    path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] [CONTEXT] [CONTEXT...]",
      summary: "Display detailed information on one or more contexts", words: .any,
      flags: [CommonFlags.formatInspect])
    return Command(syntax) { arguments, session in
      let output = try InspectOutput(arguments.string("format"))
      let names = arguments.words.isEmpty ? [session.contextName()] : arguments.words
      let values = try names.map { name in try description(of: find(name, session), session) }
      let failures = output.tell(values, typeName: "context.contextWithTLSListing")
      for failure in failures { StandardStream.error.line(failure) }
      return failures.isEmpty ? 0 : 1
    }
  }

  /// What `inspect` shows.
  private static func description(of context: EngineContext, _ session: Session) throws -> JSONValue {
    let store = ContextStore(configDirectory: session.configDirectory)
    let isStandard = context.name == "default"
    let secrets = isStandard ? [] : try store.secrets(of: context.name).keys.sorted()
    let inMemory: JSONValue = "<IN MEMORY>"
    return [
      "Name": .string(context.name), "Metadata": context.metadata, "Endpoints": context.endpoints,
      "TLSMaterial": secrets.isEmpty ? [:] : ["docker": .array(secrets.map { .string($0) })],
      "Storage": [
        "MetadataPath": isStandard ? inMemory : .string(store.metaDirectory(of: context.name)),
        "TLSPath": isStandard ? inMemory : .string(store.secretsDirectory(of: context.name)),
      ],
    ]
  }

  private static func all(_ session: Session) -> [EngineContext] {
    [standard(session)] + ContextStore(configDirectory: session.configDirectory).all()
  }

  private static func standard(_ session: Session) -> EngineContext {
    let host = session.options.host ?? Session.environmentHost() ?? "\(DockerHost.standard)"
    return EngineContext(name: "default", description: "This machine's engine", host: host)
  }

  static func find(_ name: String, _ session: Session) throws -> EngineContext {
    if name == "default" { return standard(session) }
    let store = ContextStore(configDirectory: session.configDirectory)
    guard let context = store.find(name) else {
      throw CommandFailure(
        "context \"\(name)\": context not found: open \(store.metaDirectory(of: name))/meta.json: no such file or directory"
      )
    }
    return context
  }

  /// Throws what is wrong with a name for a new context.
  static func checkNew(_ name: String, _ session: Session) throws {
    let letters = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._+-".contains($0)) }
    guard name != "default" else { throw CommandFailure("\"default\" is a reserved context name") }
    guard name.count > 1, letters, name.first?.isLetter == true || name.first?.isNumber == true else {
      throw CommandFailure(
        "context name \"\(name)\" is invalid, names are validated against regexp \"^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$\""
      )
    }
    guard ContextStore(configDirectory: session.configDirectory).find(name) == nil else {
      throw CommandFailure("context \"\(name)\" already exists")
    }
  }
}
