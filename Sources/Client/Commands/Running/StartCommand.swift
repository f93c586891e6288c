import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff start`
enum StartCommand {
  static let entry = CommandEntry("start", "Start one or more stopped containers") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [CONTAINER...]", summary: "Start one or more stopped containers",
      words: .atLeast(1),
      flags: [
        .bool("attach|a", "Attach STDOUT/STDERR and forward signals"),
        .bool("interactive|i", "Attach container's STDIN"),
        CommonFlags.detachKeys, .string("checkpoint", "").hidden, .string("checkpoint-dir", "").hidden,
      ], aliases: aliases("container start", "start"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      if arguments.bool("attach") || arguments.bool("interactive") {
        return try await attached(arguments, session, client)
      }
      let failed = await failing(arguments.words) { name in
        try await client.startContainer(name)
        return name
      }
      guard failed.isEmpty else {
        StandardStream.error.line("Error: failed to start containers: \(failed.joined(separator: ", "))")
        return 1
      }
      return 0
    }
  }

  private static func attached(_ arguments: Arguments, _ session: Session, _ client: DockerClient)
    async throws -> Int32
  {
    guard arguments.words.count == 1 else {
      throw CommandFailure("you cannot start and attach multiple containers at once")
    }
    let container = try await client.inspectContainer(arguments.words[0])
    var request = ContainerCreateRequest()
    request.config = container.config
    request.config.attachStdin = arguments.bool("interactive") && container.config.openStdin
    request.config.attachStdout = true
    request.config.attachStderr = true
    request.hostConfig.autoRemove = container.hostConfig.autoRemove
    let run = ContainerRun(
      client: client, id: container.id, request: request,
      detachKeys: try RunCommand.detachKeys(arguments, session))
    return try await run.attached(proxiesSignals: !container.config.tty)
  }
}
