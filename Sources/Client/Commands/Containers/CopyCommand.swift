import DockerClient
import Flags
import TerminalUI
import TextFormats

/// `skiff cp`
enum CopyCommand {
  static let entry = CommandEntry("cp", "Copy files/folders between a container and the local filesystem") {
    path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER:SRC_PATH DEST_PATH|-", "[OPTIONS] SRC_PATH|- CONTAINER:DEST_PATH",
      summary: "Copy files/folders between a container and the local filesystem", words: .exactly(2),
      flags: [
        .bool("archive|a", "Archive mode (copy all uid/gid information)"),
        .bool("follow-link|L", "Always follow symbol link in SRC_PATH"),
        .bool("quiet|q", "Suppress progress output during copy"),
      ], aliases: aliases("container cp", "cp"),
      details:
        "'-' as the source reads a tar archive from standard input and unpacks it into a directory of the container;\n"
        + "'-' as the destination writes a tar archive of the source to standard output.")
    return Command(syntax) { arguments, session in
      let (source, destination) = (Place(arguments.words[0]), Place(arguments.words[1]))
      switch (source.container, destination.container) {
      case (nil, nil): throw CommandFailure("must specify at least one container source")
      case (_?, _?): throw CommandFailure("copying between containers is not supported")
      case (let container?, nil):
        try await CopyFromContainer(
          client: try await session.engine(), container: container, source: source.path,
          destination: destination.path,
          followsLink: arguments.bool("follow-link"), quiet: arguments.bool("quiet")
        ).run()
      case (nil, let container?):
        try await CopyToContainer(
          client: try await session.engine(), container: container, source: source.path,
          destination: destination.path,
          followsLink: arguments.bool("follow-link"), keepsOwners: arguments.bool("archive"),
          quiet: arguments.bool("quiet")
        ).run()
      }
      return 0
    }
  }

  /// `CONTAINER:PATH` or a path here. A path that begins with `/` or `.` is one here, whatever colons it has.
  struct Place {
    var container: String?
    var path: String

    init(_ word: String) {
      guard !word.hasPrefix("/"), !word.hasPrefix("."), let colon = word.firstIndex(of: ":"),
        colon != word.startIndex
      else {
        path = word
        return
      }
      container = String(word[..<colon])
      path = String(word[word.index(after: colon)...])
    }
  }

  /// What docker tells on terminals after a copy: the bytes of the archive that went over.
  static func tell(_ bytes: Int64, to place: String, quiet: Bool) {
    guard !quiet, StandardStream.error.isTerminal else { return }
    StandardStream.error.line("Successfully copied \(ByteSize.decimal(Double(bytes), digits: 3)) to \(place)")
  }
}
