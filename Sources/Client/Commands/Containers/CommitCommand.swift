import DockerAPI
import DockerClient
import Flags
import ImageNames
import TerminalUI

/// `skiff commit`
enum CommitCommand {
  static let entry = CommandEntry("commit", "Create a new image from a container's changes") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
      summary: "Create a new image from a container's changes", words: .between(1, 2),
      flags: [
        .string("author|a", "Author (e.g., \"Ann Onymous <ann@example.org>\")"),
        .list("change|c", "Apply Dockerfile instruction to the created image"),
        .string("message|m", "Commit message"),
        .bool("pause|p", "Pause container during commit", default: true),
      ], aliases: aliases("container commit", "commit"))
    return Command(syntax) { arguments, session in
      let reference = arguments.words.count > 1 ? try ImagePull.parse(arguments.words[1]).familiar : ""
      let answer = try await session.engine().commitContainer(
        arguments.words[0], reference: reference, author: arguments.string("author"),
        message: arguments.string("message"),
        changes: arguments.list("change"), pause: arguments.bool("pause"))
      StandardStream.output.line(answer.id)
      return 0
    }
  }
}
