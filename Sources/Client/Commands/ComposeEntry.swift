import Compose
import Credentials
import ImageNames

/// `skiff compose`, which reads its own command line.
enum ComposeEntry {
  static let entry = CommandEntry(
    "compose", ComposeCommand.summary,
    foreign: { arguments, session in
      let command = ComposeCommand(
        path: "\(programName) compose", connect: { try await session.engine() },
        authentication: { registry in
          // Without readable credentials the registry is asked as a stranger.
          let server = registry == ImageReference.defaultDomain ? CredentialStore.hub : registry
          return (try? session.registryAuth(for: server)) ?? ""
        }, call: { words in try await Skiff.call(words, session) })
      return await command.run(arguments)
    })
}
