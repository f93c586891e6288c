import Archive
import Assembly
import Builder
import Containers
import DockerAPI
import EngineErrors
import HTTP
import Images
import JSON
import Linux
import OCISpec
import Snapshots
import TextFormats

/// A container's files: what changed, in and out as archives, and as an image.
func containerFileRoutes(_ engine: Engine) -> [Route] {
  let containers = engine.containers
  return [
    Route("GET", "/containers/{id}/changes") { call in
      try await call.answer(try await containers.changes(call.hole("id")))
    },
    Route("GET", "/containers/{id}/export") { call in
      let source = try await containers.export(call.hole("id"))
      try await call.stream("application/x-tar").send(source)
    },
    Route("HEAD", "/containers/{id}/archive") { call in
      let entry = try await containers.entry(at: call.archivePath(), in: call.hole("id"))
      try await call.exchange.respond(status: 200, headers: [PathStat(entry).header], body: [])
    },
    Route("GET", "/containers/{id}/archive") { call in
      let (entry, source) = try await containers.archive(of: call.archivePath(), in: call.hole("id"))
      let headers = [("Content-Type", "application/x-tar"), PathStat(entry).header]
      try await call.exchange.startStream(status: 200, headers: headers).send(source)
    },
    Route("PUT", "/containers/{id}/archive") { call in
      let path = try call.archivePath()
      try await PipedSource.with(call.request.body) {
        try await containers.unpack(
          $0, into: path, in: call.hole("id"), keepingKinds: call.flag("noOverwriteDirNonDir"))
      }
      try await call.answer(status: 200)
    },
    Route("POST", "/commit") { call in
      let settings = try await call.optionalBody(ContainerConfig.self)
      let image = try await containers.commit(call.text("container") ?? "", call.commitRequest(settings))
      var answer = IDResponse()
      answer.id = image.id.description
      try await call.answer(answer, status: 201)
    },
  ]
}

extension Call {
  fileprivate func archivePath() throws(EngineError) -> String {
    guard let path = text("path") else {
      throw EngineError(.invalidArgument, "bad parameter: path cannot be empty")
    }
    return path
  }

  fileprivate func commitRequest(_ settings: ContainerConfig?) -> CommitRequest {
    let name = text("repo").map { repository in text("tag").map { "\(repository):\($0)" } ?? repository }
    let changes = request.parameters("changes")
    return CommitRequest(
      name: name, author: text("author") ?? "", comment: text("comment") ?? "", settings: settings,
      pauses: flag("pause", default: true),
      configure: { (defaults) throws(EngineError) in try ConfigurationChanges.apply(changes, to: &defaults) })
  }
}

/// What `X-Docker-Container-Path-Stat` says.
private struct PathStat: Codable {
  var name: String
  var size: Int64
  /// Go's os.FileMode.
  var mode: UInt32
  var mtime: String
  var linkTarget: String

  init(_ entry: FileTree.Entry) {
    name = entry.name
    size = entry.status.size
    mode = Self.goMode(entry.status)
    let time = entry.status.modified
    mtime = Timestamp(nanoseconds: time.seconds &* 1_000_000_000 &+ Int64(time.nanoseconds)).rfc3339
    linkTarget = entry.linkTarget
  }

  var header: (String, String) {
    ("X-Docker-Container-Path-Stat", Base64.encode(JSON.encode(self)))
  }

  private static func goMode(_ status: FileStatus) -> UInt32 {
    var mode = status.permissions & 0o777
    if status.permissions & 0o4000 != 0 { mode |= 1 << 23 }
    if status.permissions & 0o2000 != 0 { mode |= 1 << 22 }
    if status.permissions & 0o1000 != 0 { mode |= 1 << 20 }
    switch status.kind {
    case .directory: mode |= 1 << 31
    case .symbolicLink: mode |= 1 << 27
    case .blockDevice: mode |= 1 << 26
    case .characterDevice: mode |= 1 << 26 | 1 << 21
    case .fifo: mode |= 1 << 25
    case .socket: mode |= 1 << 24
    case .regular, .unknown: break
    }
    return mode
  }
}
