import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff stop`
enum StopCommand {
  static let entry = CommandEntry("stop", "Stop one or more running containers") { path in
    Command(StoppingFlags.syntax(path, "stop", "Stop one or more running containers")) { arguments, session in
      let client = try await session.engine()
      let (signal, timeout) = StoppingFlags.values(arguments)
      return await forEach(arguments.words) { name in
        try await client.stopContainer(name, signal: signal, timeout: timeout)
        // One that is removed when it ends may be gone.
        try? await NoteLines.tell(of: name, client, whenStopped: true)
        return name
      }
    }
  }
}

/// `skiff restart`
enum RestartCommand {
  static let entry = CommandEntry("restart", "Restart one or more containers") { path in
    Command(StoppingFlags.syntax(path, "restart", "Restart one or more containers")) { arguments, session in
      let client = try await session.engine()
      let (signal, timeout) = StoppingFlags.values(arguments)
      return await forEach(arguments.words) { name in
        try await client.restartContainer(name, signal: signal, timeout: timeout)
        return name
      }
    }
  }
}

/// What stop and restart have in common.
enum StoppingFlags {
  static func syntax(_ path: String, _ name: String, _ summary: String) -> CommandSyntax {
    CommandSyntax(
      path, "[OPTIONS] CONTAINER [CONTAINER...]", summary: summary, words: .atLeast(1),
      flags: [
        .string("signal|s", "Signal to send to the container"),
        .int("timeout|t", "Seconds to wait before killing the container"),
        .int("time", "Seconds to wait before killing the container").hidden,
      ], aliases: aliases("container \(name)", name))
  }

  static func values(_ arguments: Arguments) -> (signal: String, timeout: Int?) {
    let timeout =
      arguments.isSet("timeout")
      ? arguments.int("timeout") : arguments.isSet("time") ? arguments.int("time") : nil
    return (arguments.string("signal"), timeout)
  }
}

/// `skiff kill`
enum KillCommand {
  static let entry = CommandEntry("kill", "Kill one or more running containers") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [CONTAINER...]", summary: "Kill one or more running containers",
      words: .atLeast(1),
      flags: [.string("signal|s", "Signal to send to the container")],
      aliases: aliases("container kill", "kill"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let signal = arguments.string("signal")
      return await forEach(arguments.words) { name in
        try await client.killContainer(name, signal: signal)
        return name
      }
    }
  }
}

/// `skiff rm`
enum RemoveCommand {
  static let entry = CommandEntry("rm", aliases: ["remove"], "Remove one or more containers") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [CONTAINER...]", summary: "Remove one or more containers",
      words: .atLeast(1),
      flags: [
        .bool("force|f", "Force the removal of a running container (uses SIGKILL)"),
        .bool("link|l", "Remove the specified link"),
        .bool("volumes|v", "Remove anonymous volumes associated with the container"),
      ], aliases: aliases("container rm", "container remove", "rm"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let (force, volumes, link) = (
        arguments.bool("force"), arguments.bool("volumes"), arguments.bool("link")
      )
      return await forEach(arguments.words) { word in
        let name = word.hasPrefix("/") ? String(word.dropFirst()) : word
        guard !name.isEmpty else { throw CommandFailure("container name cannot be empty") }
        do {
          try await client.removeContainer(name, force: force, volumes: volumes, link: link)
        } catch let error as APIError where force && error.isNotFound {
          // What shall be gone is gone: told, but no failure.
          StandardStream.error.line(message(of: error))
          return nil
        }
        return word
      }
    }
  }
}

/// `skiff pause`
enum PauseCommand {
  static let entry = CommandEntry("pause", "Pause all processes within one or more containers") { path in
    let syntax = CommandSyntax(
      path, "CONTAINER [CONTAINER...]", summary: "Pause all processes within one or more containers",
      words: .atLeast(1),
      aliases: aliases("container pause", "pause"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      return await forEach(arguments.words) { name in
        try await client.pauseContainer(name)
        return name
      }
    }
  }
}

/// `skiff unpause`
enum UnpauseCommand {
  static let entry = CommandEntry("unpause", "Unpause all processes within one or more containers") { path in
    let syntax = CommandSyntax(
      path, "CONTAINER [CONTAINER...]", summary: "Unpause all processes within one or more containers",
      words: .atLeast(1),
      aliases: aliases("container unpause", "unpause"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      return await forEach(arguments.words) { name in
        try await client.unpauseContainer(name)
        return name
      }
    }
  }
}

/// `skiff wait`
enum WaitCommand {
  static let entry = CommandEntry(
    "wait", "Block until one or more containers stop, then print their exit codes"
  ) { path in
    let syntax = CommandSyntax(
      path, "CONTAINER [CONTAINER...]",
      summary: "Block until one or more containers stop, then print their exit codes",
      words: .atLeast(1), aliases: aliases("container wait", "wait"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      return await forEach(arguments.words) { name in
        let answer = try await client.waitContainer(name)
        if let error = answer.error, !error.message.isEmpty { throw CommandFailure(error.message) }
        return "\(answer.statusCode)"
      }
    }
  }
}

/// `skiff rename`
enum RenameCommand {
  static let entry = CommandEntry("rename", "Rename a container") { path in
    let syntax = CommandSyntax(
      path, "CONTAINER NEW_NAME", summary: "Rename a container", words: .exactly(2),
      aliases: aliases("container rename", "rename"))
    return Command(syntax) { arguments, session in
      guard !arguments.words.contains("") else {
        throw CommandFailure("Error: Neither old nor new names may be empty")
      }
      do {
        try await session.engine().renameContainer(arguments.words[0], to: arguments.words[1])
      } catch let error as APIError {
        throw CommandFailure("\(error)\nError: failed to rename container named \(arguments.words[0])")
      }
      return 0
    }
  }
}
