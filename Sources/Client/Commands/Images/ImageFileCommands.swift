import DockerClient
import Flags
import HTTP
import ImageNames
import Linux
import Reactor
import TerminalUI

/// `skiff save`
enum SaveCommand {
  static let entry = CommandEntry(
    "save", "Save one or more images to a tar archive (streamed to STDOUT by default)"
  ) { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] IMAGE [IMAGE...]",
      summary: "Save one or more images to a tar archive (streamed to STDOUT by default)",
      words: .atLeast(1),
      flags: [.string("output|o", "Write to a file, instead of STDOUT"), CommonFlags.platform],
      aliases: aliases("image save", "save"))
    return Command(syntax) { arguments, session in
      let output = try OutputFile(arguments.string("output"), "failed to save image")
      try await output.write(
        try await session.engine().saveImages(arguments.words, platform: try CommonFlags.platform(arguments)))
      return 0
    }
  }
}

/// `skiff load`
enum LoadCommand {
  static let entry = CommandEntry("load", "Load an image from a tar archive or STDIN") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "Load an image from a tar archive or STDIN", words: .none,
      flags: [
        .string("input|i", "Read from tar archive file, instead of STDIN"), CommonFlags.platform,
        .bool("quiet|q", "Suppress the load output"),
      ], aliases: aliases("image load", "load"))
    return Command(syntax) { arguments, session in
      let body = try InputFile.body(arguments.string("input"), whatFor: "load")
      let platform = try CommonFlags.platform(arguments)
      let quiet = arguments.bool("quiet") || !StandardStream.output.isTerminal
      try await ProgressStream.show(
        try await session.engine().loadImages(body, quiet: quiet, platform: platform), on: .output)
      return 0
    }
  }
}

/// `skiff import`
enum ImportCommand {
  static let entry = CommandEntry("import", "Import the contents from a tarball to create a filesystem image")
  { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
      summary: "Import the contents from a tarball to create a filesystem image",
      words: .atLeast(1),
      flags: [
        .list("change|c", "Apply Dockerfile instruction to the created image"),
        .string("message|m", "Set commit message for imported image"),
        CommonFlags.platform,
      ], aliases: aliases("image import", "import"))
    return Command(syntax) { arguments, session in
      let source = arguments.words[0]
      let isURL = source.hasPrefix("http://") || source.hasPrefix("https://")
      let body =
        isURL ? HTTPRequestBody.none : try InputFile.body(source == "-" ? "" : source, whatFor: "import")
      let reference =
        arguments.words.count > 1 ? try ImagePull.parse(arguments.words[1]).withDefaultTag.familiar : ""
      try await ProgressStream.show(
        try await session.engine().importImage(
          source: isURL ? source : "-", body: body, reference: reference,
          message: arguments.string("message"),
          changes: arguments.list("change"), platform: arguments.string("platform")), on: .output)
      return 0
    }
  }
}

/// A file or standard input as the body of a request.
enum InputFile {
  /// An empty path is standard input.
  static func body(_ path: String, whatFor: String) throws -> HTTPRequestBody {
    let input: AsyncDescriptor
    if path.isEmpty {
      guard !StandardStream.input.isTerminal else {
        throw CommandFailure("requested \(whatFor) from stdin, but stdin is empty")
      }
      input = AsyncDescriptor(shared: try StandardStream.input.duplicate())
    } else {
      guard !Files.isDirectory(path) else { throw CommandFailure("read \(path): is a directory") }
      input = try AsyncDescriptor(FileDescriptor.open(path, .readOnly))
    }
    return .stream {
      let bytes = try await input.read(upTo: 1 << 18)
      return bytes.isEmpty ? nil : bytes
    }
  }
}
