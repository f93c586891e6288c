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
  let client: DockerClient
  let project: String

  func containers(of service: String) async throws -> [ObservedContainer] {
    try await Observer(client: client).containers(of: project, all: false)
      .filter { $0.service == service && !$0.isOneOff }
  }

  func run(_ copies: [WatchBatch.Copy], in service: String) async throws {
    let (members, gone) = try await blocking { () throws(SyscallError) in try Self.members(copies) }
    for container in try await containers(of: service) {
      if !gone.isEmpty { try await remove(gone, in: container) }
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
    let id = try await client.createExec(in: container.id, request)
    var words: [UInt8] = []
    for try await piece in try await client.startExec(id, tty: false) { words += piece.bytes.prefix(4096) }
    let code = try await client.exitCode(ofExec: id) ?? 0
    guard code == 0 else {
      throw ComposeFailure(
        "deleting paths in \(container.name): exit code \(code) \(String(decoding: words.prefix(4096), as: UTF8.self))"
      )
    }
  }

  private func send(_ members: [TarSource.Member], to container: ObservedContainer) async throws {
    let tar = TarSource(members)
    try await client.copy(
      .stream {
        let bytes = try await blocking { try tar.read(upTo: 1 << 18) }
        return bytes.isEmpty ? nil : bytes
      }, to: "/", in: container.id, copyUIDGID: true, overwriteDirWithFile: true)
  }

  /// Those of `paths` that are no directories and have changed since the service's image was made.
  func newer(_ paths: Set<String>, thanImageOf service: String) async throws -> Set<String> {
    guard let container = try await containers(of: service).first else { return [] }
    let image = try await client.inspectImage(container.summary.imageID)
    guard let made = Timestamp(rfc3339: image.created) else { return [] }
    return await blocking {
      paths.filter { path in
        // What has gone meanwhile is not copied.
        guard let status = try? Files.linkStatus(path), status.kind != .directory else { return false }
        return status.modified.seconds >= made.seconds
      }
    }
  }
}
