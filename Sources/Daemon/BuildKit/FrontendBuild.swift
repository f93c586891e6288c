import Archive
import Assembly
import BuildKitAPI
import Builder
import EngineErrors
import GRPC
import OCISpec
import PathPatterns
import Protobuf
import Reactor
import Synchronization

/// One run of the Dockerfile frontend: what it needs is read from the client, the engine's builder does the rest.
struct FrontendBuild: Sendable {
  let engine: Engine
  let options: BuildOptions
  let place: ContextPlace
  let vertices: BuildVertices
  /// The client's session for a directory of that name.
  let session: @Sendable (_ directory: String) async throws -> BuildSession
  /// What names contexts besides the one.
  var frontend = FrontendOptions([:])

  /// A Dockerfile and a .dockerignore may have so many bytes together.
  private static let mostText = 8 << 20

  /// Builds the image and answers its id. Throws `GRPCStatus`.
  func run() async throws(GRPCStatus) -> Digest {
    let file = Mutex<SourceFile?>(nil)
    do {
      return try await build { source in file.withLock { $0 = source } }
    } catch {
      throw BuildFailureText.status(error, in: file.withLock { $0 }, at: vertices.failedLines)
    }
  }

  private func build(_ found: (SourceFile) -> Void) async throws -> Digest {
    let (vertices, client) = (vertices, try await session(""))
    var options = options
    options.watch = { vertices.hear($0) }
    options.findSecret = { try await client.secret($0) }
    options.findAgent = { try await client.agent($0) }
    options.credentials = { try await client.credentials($0) }
    options.contexts = try frontend.contexts { directory in { try await fetch(directory, into: $0) } }
    var ignored: [String]?
    if let directory = place.dockerfileDirectory {
      let files = try await dockerfile(in: directory)
      options.dockerfileText = files.text
      ignored = files.ignore
      found(SourceFile(name: place.dockerfile, text: files.text))
    }
    switch place.files {
    case .directory(let directory): return try await build(options, from: directory, ignored)
    case .archive(let path):
      let call = try client.upload(path)
      return try await build(options) { try await call.next().map { try BytesMessage(protobuf: $0).data } }
    case .request(let next): return try await build(options, archive: next)
    case .remote(let remote): return try await engine.builder.build(options, remote: remote) { _ in }
    }
  }

  private func build(_ options: BuildOptions, from directory: String, _ ignored: [String]?) async throws
    -> Digest
  {
    // No `??` here: its right side cannot wait.
    var excludes = ignored ?? []
    if ignored == nil { excludes = try await ignoreFile(in: directory) }
    let wish = FileWish(excludes: excludes)
    var options = options
    options.contextIsFiltered = true
    return try await engine.builder.build(options) { _ in
    } from: { [vertices, session] receiver in
      try await vertices.step("[internal] load build context") { key in
        let call = try await session(directory).files(of: directory, wish)
        try await Self.transfer(call, into: receiver, key, vertices)
      }
    }
  }

  private func build(
    _ options: BuildOptions, archive next: @escaping @Sendable () async throws -> [UInt8]?
  ) async throws -> Digest {
    try await PipedSource.with(next) { source in
      try await engine.builder.build(options, context: source) { _ in }
    }
  }

  /// A directory that has its own .dockerignore.
  private func fetch(_ directory: String, into receiver: ContextReceiver) async throws {
    let excludes = try await ignoreFile(in: directory, step: "[context \(directory)] load .dockerignore")
    try await vertices.step("[context \(directory)] load from client") { [vertices, session] key in
      let call = try await session(directory).files(of: directory, FileWish(excludes: excludes))
      try await Self.transfer(call, into: receiver, key, vertices, "transferring \(directory):")
    }
  }

  private static func transfer(
    _ call: GRPCClientCall, into receiver: ContextReceiver, _ key: String, _ vertices: BuildVertices,
    _ part: String = "transferring context:"
  ) async throws {
    var syncing = FileSyncing(call) { bytes in
      vertices.progress(key, part, current: bytes)
    } take: { changes in
      try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "cannot read the build context") { try receiver.apply(changes) }
      }
    }
    try await syncing.run()
    vertices.progress(key, part, current: syncing.bytes, isDone: true)
  }

  // MARK: small files

  private func dockerfile(in directory: String) async throws -> (text: String, ignore: [String]?) {
    let name = place.dockerfile
    let path = String(SlashPath.clean("/" + name).dropFirst())
    let step = "[internal] load build definition from \(name)"
    let files = try await vertices.step(step) { key in
      var names = [path, "\(path).dockerignore"]
      if path == "Dockerfile" { names.append("dockerfile") }
      let files = try await read(names, of: directory, key, "transferring dockerfile:")
      guard files[path] != nil || files["dockerfile"] != nil else {
        throw GRPCStatus(
          .unknown, "failed to read dockerfile: open \(name): no such file or directory")
      }
      return files
    }
    let text = files[path] ?? files["dockerfile"] ?? []
    let ignore = files["\(path).dockerignore"].map(Self.patterns)
    return (String(decoding: text, as: UTF8.self), ignore)
  }

  private func ignoreFile(
    in directory: String, step: String = "[internal] load .dockerignore"
  ) async throws -> [String] {
    try await vertices.step(step) { key in
      let files = try await read(
        [".dockerignore"], of: directory, key, "transferring context:")
      return files[".dockerignore"].map(Self.patterns) ?? []
    }
  }

  private static func patterns(_ bytes: [UInt8]) -> [String] {
    IgnoreFile(String(decoding: bytes, as: UTF8.self)).lines.map(\.pattern)
  }

  private func read(
    _ names: [String], of directory: String, _ key: String, _ part: String
  ) async throws -> [String: [UInt8]] {
    let wish = FileWish(includes: names, follows: names)
    let small = Mutex(SmallFiles(most: Self.mostText))
    let call = try await session(directory).files(of: directory, wish)
    var syncing = FileSyncing(call, take: { changes in try small.withLock { try $0.take(changes) } })
    try await syncing.run()
    vertices.progress(key, part, current: syncing.bytes, isDone: true)
    return small.withLock { $0.files }
  }
}
