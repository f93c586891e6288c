import Credentials
import DockerClient
import Flags
import JSON
import Linux
import TerminalUI

/// `skiff context create`, `update` and `rm`.
enum ContextChanges {
  private static let flags: [Flag] = [
    .string("description", "Description of the context"),
    .string(
      "docker",
      "Where the engine is, as host=ssh://user@host or host=tcp://host:port,ca=FILE,cert=FILE,key=FILE",
      typeName: "stringToString", check: ContextEndpoint.complaint),
  ]

  static let create = CommandEntry("create", "Create a context") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTEXT", summary: "Create a context", words: .exactly(1),
      flags: flags + [.string("from", "Create context from a named context")],
      examples: [
        "skiff context create other --docker host=ssh://me@other",
        "skiff context create build --docker host=tcp://build:2376,ca=ca.pem,cert=cert.pem,key=key.pem",
      ])
    return Command(syntax) { arguments, session in
      let name = arguments.words[0]
      try ContextCommands.checkNew(name, session)
      let (context, secrets) = try made(name, arguments, session)
      try ContextStore(configDirectory: session.configDirectory).write(context, secrets: secrets)
      StandardStream.output.line(name)
      StandardStream.error.line("Successfully created context \"\(name)\"")
      return 0
    }
  }

  private static func made(
    _ name: String, _ arguments: Arguments, _ session: Session
  ) throws -> (EngineContext, ContextSecrets) {
    let from = try arguments.given("from").map { try ContextCommands.find($0, session) }
    guard arguments.isSet("docker") || from == nil else {
      let secrets = try from.map {
        try ContextStore(configDirectory: session.configDirectory).secrets(of: $0.name)
      }
      guard var copy = from?.renamed(name) else { throw CommandFailure("context \"\(name)\" cannot be made") }
      if let description = arguments.given("description") { copy.description = description }
      return (copy, secrets ?? [:])
    }
    let endpoint = try ContextEndpoint(arguments.string("docker"), session)
    let context = EngineContext(
      name: name, description: arguments.string("description"), host: endpoint.host,
      skipsVerification: endpoint.skipsVerification)
    return (context, endpoint.secrets)
  }

  static let update = CommandEntry("update", "Update a context") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTEXT", summary: "Update a context", words: .exactly(1), flags: flags,
      examples: ["skiff context update other --docker host=ssh://me@other:2222"])
    return Command(syntax) { arguments, session in
      let name = arguments.words[0]
      guard name != "default" else { throw CommandFailure("\"default\" is a reserved context name") }
      var context = try ContextCommands.find(name, session)
      if let description = arguments.given("description") { context.description = description }
      var secrets: ContextSecrets?
      if let docker = arguments.given("docker") {
        let endpoint = try ContextEndpoint(docker, session)
        context.setEndpoint(endpoint.host, skipsVerification: endpoint.skipsVerification)
        secrets = endpoint.secrets
      }
      try ContextStore(configDirectory: session.configDirectory).write(context, secrets: secrets)
      StandardStream.output.line(name)
      StandardStream.error.line("Successfully updated context \"\(name)\"")
      return 0
    }
  }

  static let remove = CommandEntry("rm", aliases: ["remove"], "Remove one or more contexts") { path in
    let syntax = CommandSyntax(
      path, "CONTEXT [CONTEXT...]", summary: "Remove one or more contexts", words: .atLeast(1),
      flags: [.bool("force|f", "Force the removal of a context in use")],
      aliases: aliases("context rm", "context remove"), examples: ["skiff context rm other"])
    return Command(syntax) { arguments, session in
      let current = session.contextName()
      let force = arguments.bool("force")
      return await forEach(arguments.words) { name in
        guard name != "default" else { throw CommandFailure("context \"default\" cannot be removed") }
        let store = ContextStore(configDirectory: session.configDirectory)
        guard store.find(name) != nil else {
          guard force else { throw CommandFailure("context \"\(name)\" does not exist") }
          return name
        }
        if name == current {
          guard force else {
            throw CommandFailure("context \"\(name)\" is in use, set -f flag to force remove")
          }
          var config = session.config()
          config["currentContext"] = nil
          try config.save()
        }
        try store.remove(name)
        return name
      }
    }
  }
}
