import DockerAPI
import DockerClient
import Flags
import ImageNames
import TerminalUI

/// `skiff tag`
enum TagCommand {
  static let entry = CommandEntry("tag", "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE") { path in
    let syntax = CommandSyntax(
      path, "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]",
      summary: "Create a tag TARGET_IMAGE that refers to SOURCE_IMAGE",
      words: .exactly(2), aliases: aliases("image tag", "tag"))
    return Command(syntax) { arguments, session in
      let target: String
      do {
        target = try ImagePull.parse(arguments.words[1]).withDefaultTag.familiar
      } catch {
        throw CommandFailure(
          "Error parsing reference: \"\(arguments.words[1])\" is not a valid repository/tag: \(error)")
      }
      try await session.engine().tagImage(arguments.words[0], as: target)
      return 0
    }
  }
}

/// `skiff rmi`
enum RemoveImagesCommand {
  static let entry = CommandEntry("rm", aliases: ["remove"], "Remove one or more images") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] IMAGE [IMAGE...]", summary: "Remove one or more images", words: .atLeast(1),
      flags: [
        .bool("force|f", "Force removal of the image"), .bool("no-prune", "Do not delete untagged parents"),
        .strings("platform", "Remove only the given platform variant, as os[/arch[/variant]]"),
      ], aliases: aliases("image rm", "image remove", "rmi"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let platforms = try CommonFlags.platforms(arguments.list("platform"))
      var failed = false
      var isFatal = false
      for name in arguments.words {
        do {
          for item in try await client.removeImage(
            name, force: arguments.bool("force"), noPrune: arguments.bool("no-prune"), platforms: platforms)
          {
            if let deleted = item.deleted { StandardStream.output.line("Deleted: \(deleted)") }
            if let untagged = item.untagged { StandardStream.output.line("Untagged: \(untagged)") }
          }
        } catch {
          StandardStream.error.line(message(of: error))
          failed = true
          if (error as? APIError)?.isNotFound != true { isFatal = true }
        }
      }
      return failed && (isFatal || !arguments.bool("force")) ? 1 : 0
    }
  }
}
