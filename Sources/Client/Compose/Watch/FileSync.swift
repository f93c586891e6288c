import Archive
import BuildContext
import ComposeModel
import DockerAPI
import DockerClient
import HTTP
import Linux
import PathPatterns
import Reactor
import TextFormats

/// Copies changed files into the containers of a service, and removes there what is gone here.
struct FileSync: Sendable {
  let invocation: Invocation
  let client: DockerClient
  let project: String

  func containers(of service: String) async throws -> [ObservedContainer] {
    try await invocation.containers(of: [service], client, project: project)
  }

  func run(_ copies: [WatchBatch.Copy], in service: String) async throws {
    let (members, gone) = try await blocking { () throws(SyscallError) in try Self.members(copies) }
    for container in try await containers(of: service) {
      // A command runs only where the container does.
      if !gone.isEmpty, container.isRunning { try await remove(gone, in: container) }
      if !members.isEmpty { try await send(members, to: container) }
    }
  }

  /// The files that are there, and the places of those that are not.
  private static func members(
    _ copies: [WatchBatch.Copy]
  ) throws(SyscallError) -> (members: [TarSource.Member], gone: [String]) {
    var members: [TarSource.Member] = []
    var gone: [String] = []
    for copy in copies {
      do throws(SyscallError) {
        let status = try Files.linkStatus(copy.path)
        let name = String(copy.target.drop { $0 == "/" })
        if let member = try FileMember.make(copy.path, status, as: name) { members.append(member) }
      } catch {
        guard error.errno == .noSuchFile || error.errno == .notADirectory else { throw error }
        gone.append(copy.target)
      }
    }
    return (members, gone)
  }

  private func remove(_ paths: [String], in container: ObservedContainer) async throws {
    var request = ExecCreateRequest()
    request.cmd = StringList(["rm", "-rf"] + paths)
    request.attachStderr = true
    var words: [UInt8] = []
    let code = try await client.runExec(in: container.id, request) { piece in
      words += piece.bytes.prefix(4096 - words.count)
    }
    guard code == 0 else {
      let told = String(decoding: words, as: UTF8.self)
      throw ComposeFailure("deleting paths in \(container.name): exit code \(code) \(told)")
    }
  }

  private func send(_ members: [TarSource.Member], to container: ObservedContainer) async throws {
    try await client.copy(
      .stream(TarSource(members).pieces()), to: "/", in: container.id, copyUIDGID: true,
      overwriteDirWithFile: true)
  }

  /// Those whose files are no directories and have changed since the service's image was made.
  func newer(
    _ copies: [WatchBatch.Copy], thanImageOf service: String
  ) async throws -> [WatchBatch.Copy] {
    guard !copies.isEmpty, let container = try await containers(of: service).first else { return [] }
    let image = try await client.inspectImage(container.summary.imageID)
    guard let made = Timestamp(rfc3339: image.created) else { return [] }
    return await blocking {
      copies.filter { copy in
        // What has gone meanwhile is not copied.
        guard let status = try? Files.linkStatus(copy.path), status.kind != .directory else { return false }
        return status.modified.seconds >= made.seconds
      }
    }
  }
}
