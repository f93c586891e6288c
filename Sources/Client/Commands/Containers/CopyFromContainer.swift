import Archive
import DockerClient
import HTTP
import Linux
import Reactor
import TerminalUI

/// `skiff cp CONTAINER:PATH DEST`
struct CopyFromContainer: Sendable {
  let client: DockerClient
  let container: String
  let source: String
  let destination: String
  let followsLink: Bool
  let quiet: Bool

  func run() async throws {
    guard !source.isEmpty else { throw CommandFailure("bad parameter: 'path' cannot be empty") }
    if destination != "-" {
      let parent = HostPath.parent(HostPath.absolute(destination))
      guard Files.isDirectory(parent) else {
        throw CommandFailure("invalid output path: directory \"\(parent)\" does not exist")
      }
    }
    var path = source.hasPrefix("/") ? source : "/\(source)"
    if followsLink, let stat = try? await client.statPath(path, in: container), stat.isSymbolicLink {
      // A link that leads nowhere is told when it is read.
      path = stat.linkTarget.hasPrefix("/") ? stat.linkTarget : "\(HostPath.parent(path))/\(stat.linkTarget)"
    }
    let (stat, body) = try await client.copy(from: path, in: container)
    if destination == "-" {
      while let bytes = try await body.next() { StandardStream.output.write(bytes) }
      return
    }
    let target = try LocalTarget.find(destination, sourceIsDirectory: stat.isDirectory, source: source)
    let pipe = try Pipe()
    let output = try AsyncDescriptor(FileDescriptor(owning: try pipe.writeEnd.duplicate().release()))
    let input = pipe.intoReadEnd().release()
    let name = stat.name
    async let extracted: Void = blocking {
      try LocalExtraction(directory: target.directory, from: name, to: target.name).run(
        DescriptorSource(FileDescriptor(owning: input)))
    }
    var count: Int64 = 0
    do {
      // Whatever ends the transfer, the other side waits for the end of the pipe, and this function for the other side.
      defer { output.close() }
      while let bytes = try await body.next() {
        count += Int64(bytes.count)
        try await output.write(bytes)
      }
    } catch let error as SyscallError where error.errno == .brokenPipe {
      // The other side gave up; it says why.
    }
    try await extracted
    CopyCommand.tell(count, to: destination, quiet: quiet)
  }
}

/// Where something from a container goes: the directory, and its name in there; an empty name puts what a
/// directory holds right into it.
struct LocalTarget: Sendable {
  let directory: String
  let name: String

  static func find(_ destination: String, sourceIsDirectory: Bool, source: String) throws -> LocalTarget {
    let path = HostPath.absolute(destination)
    let copiesContents = sourceIsDirectory && (source.hasSuffix("/.") || source == ".")
    if Files.isDirectory(path) {
      return LocalTarget(
        directory: path, name: copiesContents ? "" : HostPath.name(HostPath.clean("/" + source)))
    }
    if Files.exist(path), sourceIsDirectory {
      throw CommandFailure("cannot copy directory: \(destination) is not a directory")
    }
    if !Files.exist(path), destination.hasSuffix("/"), !sourceIsDirectory {
      throw CommandFailure("open \(destination): no such file or directory")
    }
    let parent = HostPath.parent(path)
    guard Files.isDirectory(parent) else {
      throw CommandFailure("invalid output path: directory \"\(parent)\" does not exist")
    }
    return LocalTarget(directory: parent, name: HostPath.name(path))
  }
}
