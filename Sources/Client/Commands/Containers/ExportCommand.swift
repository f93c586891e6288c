import DockerClient
import Flags
import HTTP
import Linux
import TerminalUI

/// `skiff export`
enum ExportCommand {
  static let entry = CommandEntry("export", "Export a container's filesystem as a tar archive") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER", summary: "Export a container's filesystem as a tar archive",
      words: .exactly(1),
      flags: [.string("output|o", "Write to a file, instead of STDOUT")],
      aliases: aliases("container export", "export"))
    return Command(syntax) { arguments, session in
      let output = try OutputFile(arguments.string("output"), "failed to export container")
      try await output.write(try await session.engine().exportContainer(arguments.words[0]))
      return 0
    }
  }
}

/// Where a tar stream goes: a file that appears when it is whole, or standard output unless a person looks at it.
struct OutputFile {
  let path: String

  /// `complaint` begins the error where the path cannot be written to.
  init(_ path: String, _ complaint: String) throws {
    self.path = path
    if path.isEmpty, StandardStream.output.isTerminal {
      throw CommandFailure("cowardly refusing to save to a terminal. Use the -o flag or redirect")
    }
    if Files.isDirectory(path) { throw CommandFailure("\(complaint): cannot write to a directory") }
    if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
      let directory = String(path[..<slash])
      guard Files.isDirectory(directory) else {
        throw CommandFailure(
          "\(complaint): invalid output path: stat \(directory): no such file or directory")
      }
    }
  }

  func write(_ body: HTTPBody) async throws {
    guard !path.isEmpty else {
      while let bytes = try await body.next() { StandardStream.output.write(bytes) }
      return
    }
    let aside = "\(path).part-\(UInt32.random(in: 0 ... .max))"
    Ending.remove(aside)
    defer { Ending.remove(nil) }
    do {
      let file = try FileDescriptor.open(aside, [.writeOnly, .create, .exclusive], mode: 0o600)
      while let bytes = try await body.next() { try file.write(bytes) }
      try Files.rename(aside, to: path)
    } catch {
      // The error that led here matters more than what is left of the file.
      try? Files.unlink(aside)
      throw error
    }
  }
}
