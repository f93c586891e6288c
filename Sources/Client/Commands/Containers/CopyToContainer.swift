import Archive
import BuildContext
import DockerClient
import HTTP
import Linux
import Reactor
import Synchronization
import TerminalUI

/// `skiff cp SOURCE CONTAINER:PATH`
struct CopyToContainer: Sendable {
  let client: DockerClient
  let container: String
  let source: String
  let destination: String
  let followsLink: Bool
  let keepsOwners: Bool
  let quiet: Bool

  func run() async throws {
    let path = destination.hasPrefix("/") ? destination : "/\(destination)"
    if source == "-" {
      guard try await existing(path)?.isDirectory == true else {
        throw CommandFailure("destination \"\(container):\(destination)\" must be a directory")
      }
      let input = AsyncDescriptor(shared: try StandardStream.input.duplicate())
      return try await client.copy(
        .stream {
          let bytes = try await input.read()
          return bytes.isEmpty ? nil : bytes
        }, to: path, in: container, copyUIDGID: keepsOwners)
    }
    let local = HostPath.absolute(source)
    let status: FileStatus
    do {
      status = followsLink || source.hasSuffix("/") ? try Files.status(local) : try Files.linkStatus(local)
    } catch {
      throw CommandFailure("lstat \(local): \(goReason(error))")
    }
    let (directory, name) = try await target(path, isDirectory: status.kind == .directory)
    let members = try LocalMembers.list(local, status, as: name, keepsOwners: keepsOwners)
    let pieces = TarSource(members).pieces()
    let count = Mutex<Int64>(0)
    try await client.copy(
      .stream {
        let piece = try await pieces()
        count.withLock { $0 += Int64(piece?.count ?? 0) }
        return piece
      }, to: directory, in: container, copyUIDGID: keepsOwners)
    CopyCommand.tell(count.withLock { $0 }, to: "\(container):\(destination)", quiet: quiet)
  }

  /// The directory in the container, and the name in there; an empty name puts what a directory holds into it.
  private func target(_ path: String, isDirectory: Bool) async throws -> (directory: String, name: String) {
    let copiesContents = isDirectory && (source.hasSuffix("/.") || source == ".")
    let name = copiesContents ? "" : HostPath.name(HostPath.absolute(source))
    var path = path
    var stat = try await existing(path)
    if let link = stat, link.isSymbolicLink, !link.linkTarget.isEmpty {
      path = link.linkTarget.hasPrefix("/") ? link.linkTarget : "\(HostPath.parent(path))/\(link.linkTarget)"
      stat = try await existing(path)
    }
    if let stat {
      if stat.isDirectory { return (path, name) }
      guard !isDirectory else {
        throw CommandFailure("cannot copy directory to \(container):\(path): not a directory")
      }
      return (HostPath.parent(path), HostPath.name(path))
    }
    guard isDirectory || !path.hasSuffix("/") else {
      throw CommandFailure("no such directory: \(container):\(path)")
    }
    return (HostPath.parent(path), HostPath.name(path))
  }

  private func existing(_ path: String) async throws -> PathStat? {
    do {
      return try await client.statPath(path, in: container)
    } catch let error as APIError where error.isNotFound {
      // A missing container is told when its parent directory is written to.
      return nil
    }
  }
}

/// Files here as members of a tar stream.
enum LocalMembers {
  static func list(
    _ path: String, _ status: FileStatus, as name: String, keepsOwners: Bool
  ) throws -> [TarSource.Member] {
    var members: [TarSource.Member] = []
    try add(path, status, name, keepsOwners, &members, depth: 0)
    return members
  }

  private static func add(
    _ path: String, _ status: FileStatus, _ name: String, _ keepsOwners: Bool,
    _ members: inout [TarSource.Member], depth: Int
  ) throws {
    guard depth < 256 else { throw CommandFailure("\(path) is nested too deeply") }
    if !name.isEmpty, let member = try FileMember.make(path, status, as: name, keepsOwners: keepsOwners) {
      members.append(member)
    }
    guard status.kind == .directory else { return }
    for child in try Files.names(in: path) {
      let below = "\(path)/\(child)"
      try add(
        below, try Files.linkStatus(below), name.isEmpty ? child : "\(name)/\(child)", keepsOwners, &members,
        depth: depth + 1)
    }
  }
}
