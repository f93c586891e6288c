import DockerAPI
import EngineErrors
import Hashing
import Linux
import OCISpec
import PathPatterns
import Reactor
import ShimProtocol
import Snapshots

/// What the mounts of one RUN step take from elsewhere, found before the step's result is looked for in the cache.
struct MountSources {
  /// The topmost layer of the stage or image that a mount names, by the name.
  var tops: [String: Digest?] = [:]
  /// What decides the step's result beside its words: the files of bind mounts.
  var identities: [String] = []
}

/// The mounts of one RUN step, ready for its container; `BuildRun.release` gives back what they hold.
struct StepMounts {
  var mounts: [RunStep.Mount] = []
  /// `NAME=value`, where the step has no other of that name.
  var variables: [(name: String, value: String)] = []
  /// Sockets behind which agents of the client answer.
  var agents: [AgentSocket] = []
  /// `NAME=value`, for the process alone.
  var secretVariables: [String] = []
  /// Files with secrets, in memory.
  var secretFiles: [String] = []
  var caches: [String] = []
}

extension BuildRun {
  /// Finds the stages and images that mounts name, building or fetching them, and digests the context's files.
  func sources(of mounts: [RunMount], in index: Int) async throws -> MountSources {
    var found = MountSources()
    for mount in mounts {
      switch mount.kind {
      case .bind(let from, let source):
        if let files = try await files(from) {
          found.identities.append(try await digest(of: source, in: files))
        } else if let from {
          let top = try await self.source(named: from, in: index)
          found.tops[from] = top
          found.identities.append("\(top?.description ?? "scratch"):\(source)")
        }
      case .cache(_, _, let from?, _): found.tops[from] = try await self.source(named: from, in: index)
      default: break
      }
    }
    return found
  }

  private func digest(of source: String, in files: ContextDirectory) async throws -> String {
    let tree = SourceTree(files)
    let path = String(source.dropFirst())
    return try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "RUN --mount: \(source)") {
        try tree.digest(path, excluding: try PathPatterns([String]()))
      }
    }
  }

  /// Makes everything that the step's mounts need. What was made is in `ready`, whether the rest failed or not.
  func prepare(_ mounts: [RunMount], _ sources: MountSources, into ready: inout StepMounts) async throws {
    let caches = try await acquireCaches(mounts, into: &ready)
    for mount in mounts {
      let readOnly = mount.readOnly
      switch mount.kind {
      case .memory(let size):
        ready.mounts.append(.init(.memory(size: size), at: mount.target, readOnly: readOnly))
      case .cache(let id, _, let from, let source):
        let path = try await cacheDirectory(
          caches[id] ?? id, mount, from.flatMap { sources.tops[$0] ?? nil }, source)
        ready.mounts.append(.init(.bind(source: path), at: mount.target, readOnly: readOnly))
      case .bind(let from, let source):
        let top = from.flatMap { sources.tops[$0] ?? nil }
        let kind = try await files(from, at: source, top, readOnly: readOnly)
        ready.mounts.append(.init(kind, at: mount.target, readOnly: readOnly))
      case .secret(let id, let variable, let isFile):
        try await addSecret(id, variable, isFile: isFile, mount, into: &ready)
      case .agent(let id): try await addAgent(id, mount, into: &ready)
      }
    }
  }

  /// Gives back what a step's mounts held, whatever came of it.
  func release(_ ready: StepMounts) async {
    let directories = ready.caches.map { "\(builder.cacheMounts)/\($0)" }
    let files = ready.secretFiles
    await blocking {
      // Which caches are pruned first is all that it tells.
      for directory in directories { try? Files.touch(directory) }
      // They are in memory, and swept at the next start.
      for file in files { try? Files.unlink(file) }
    }
    for name in ready.caches { await builder.caches.release(name) }
    for agent in ready.agents { await agent.close() }
  }

  // MARK: caches

  /// One hold for each cache, in one order everywhere, so that no two steps wait for each other. Answers the directories'
  /// names by id.
  private func acquireCaches(_ mounts: [RunMount], into ready: inout StepMounts) async throws -> [String:
    String]
  {
    var wishes: [String: RunMount.Sharing] = [:]
    for case .cache(let id, let sharing, _, _) in mounts.map(\.kind) {
      wishes[id] = wishes[id] == nil || sharing == .locked ? sharing : wishes[id]
    }
    var names: [String: String] = [:]
    for (id, sharing) in wishes.sorted(by: { $0.key < $1.key }) {
      let name = try await builder.caches.acquire(String(SHA256.hex(of: id).prefix(32)), sharing)
      ready.caches.append(name)
      names[id] = name
    }
    return names
  }

  /// The cache's directory; a new one begins with what the layers have, and with its own mode and owner.
  private func cacheDirectory(
    _ name: String, _ mount: RunMount, _ top: Digest?, _ source: String
  ) async throws -> String {
    let path = "\(builder.cacheMounts)/\(name)"
    if await blocking({ Files.isDirectory(path) }) { return path }
    let start = top == nil ? nil : try await copy(of: source, top: top)
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "make a cache directory") {
        try Files.makeDirectories(path)
        if let start {
          try Files.removeDirectory(path)
          try Files.rename(start, to: path)
        }
        try Files.changeMode(path, mount.mode ?? 0o755)
        if mount.uid != nil || mount.gid != nil {
          try Files.changeOwner(path, uid: mount.uid ?? 0, gid: mount.gid ?? 0)
        }
      }
      return path
    }
  }

  // MARK: files

  /// What is only read is mounted as it is where it can be, anything else copied for the step.
  private func files(
    _ from: String?, at source: String, _ top: Digest?, readOnly: Bool
  ) async throws -> RunStep.Mount.Kind {
    guard let files = try await files(from) else {
      return try await self.files(of: top, source, readOnly: readOnly)
    }
    guard readOnly else {
      return .bind(source: try await copy(of: source, below: files.path, isImage: false))
    }
    return .bind(source: try await contextPath(source, in: files))
  }

  private func contextPath(_ source: String, in files: ContextDirectory) async throws -> String {
    let root = files.path
    return try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "RUN --mount") {
        let place = try FileDescriptor.open(root, [.directory]).open(inside: source, [.path])
        return try Files.readLink(place.procPath)
      }
    }
  }

  /// Of a stage or image only the whole can be mounted as it is.
  private func files(of top: Digest?, _ source: String, readOnly: Bool) async throws -> RunStep.Mount.Kind {
    let root = try await builder.snapshots.rootFileSystem(of: top)
    let layers = root.lower.map { "\(root.layersDirectory)/\($0)" }
    let isPlain = !root.layersDirectory.contains { ":,\\".contains($0) }
    if source == "/", readOnly, isPlain, !layers.isEmpty, layers.joined(separator: ":").utf8.count < 3500 {
      return layers.count == 1 ? .bind(source: layers[0]) : .layers(layers)
    }
    return .bind(source: try await copy(of: source, top: top))
  }

  private func copy(of source: String, top: Digest?) async throws -> String {
    let snapshots = builder.snapshots
    return try await snapshots.withMounted(try await snapshots.rootFileSystem(of: top), readOnly: true) {
      root in
      try await copy(of: source, below: root, isImage: true)
    }
  }

  /// A copy in the build's own directory: what the step writes there is gone with it.
  private func copy(of source: String, below root: String, isImage: Bool) async throws -> String {
    let place = try await layerDirectory()
    let empty = try await layerDirectory()
    let tree = SourceTree(path: root, digests: [:], keepsOwners: isImage)
    return try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "RUN --mount: \(source)") {
        let writer = try LayerWriter(image: empty, layer: place, owner: nil, mode: nil)
        let copier = try TreeCopier(source: tree, layer: writer, excludes: try PathPatterns([String]()))
        try copier.copy(String(source.dropFirst()), to: "/files", intoDirectory: false)
        try writer.finish()
      }
      return "\(place)/files"
    }
  }

  // MARK: agents

  /// How a connection to the agent is had; nil where the client lends none of that name.
  private func agent(_ id: String) async throws -> AgentSocket.Take? {
    if let agents = options.agents, agents.ids.contains(id) {
      let (desk, token) = (builder.agents, agents.token)
      return { try await desk.take(id, token: token) }
    }
    guard let connect = try await options.findAgent?(id) else { return nil }
    return { AgentDesk.Lender(try await connect()) }
  }

  private func addAgent(_ id: String, _ mount: RunMount, into ready: inout StepMounts) async throws {
    guard let take = try await agent(id) else {
      guard mount.isRequired else { return }
      throw EngineError(
        .invalidArgument,
        "ssh agent \(id): not found: lend it with --ssh \(id == "default" ? id : "\(id)=SOCKET")")
    }
    let place = "\(workspace)/agent-\(ObjectID.random().prefix(12))"
    let socket = try failing(.internal, "listen for the ssh agent") {
      try AgentSocket(at: place, mode: mount.mode ?? 0o600, uid: mount.uid ?? 0, gid: mount.gid ?? 0)
    }
    // BuildKit numbers those that have no place of their own.
    let target =
      mount.target == RunMount.agentTarget(0) ? RunMount.agentTarget(ready.agents.count) : mount.target
    ready.agents.append(socket)
    socket.serve(take)
    ready.mounts.append(.init(.bind(source: place), at: target, readOnly: false))
    if ready.agents.count == 1 { ready.variables.append((name: "SSH_AUTH_SOCK", value: target)) }
  }

  // MARK: secrets

  private func secret(_ id: String) async throws -> [UInt8]? {
    if let value = options.secrets.values[id] { return value }
    return try await options.findSecret?(id)
  }

  private func addSecret(
    _ id: String, _ variable: String?, isFile: Bool, _ mount: RunMount, into ready: inout StepMounts
  ) async throws {
    guard let value = try await secret(id) else {
      guard mount.isRequired else { return }
      throw EngineError(
        .invalidArgument, "secret \(id): not found: give it with --secret id=\(id),src=FILE or env=NAME")
    }
    if let variable { ready.secretVariables.append("\(variable)=\(String(decoding: value, as: UTF8.self))") }
    guard isFile else { return }
    let path = try builder.memory.path("secret-\(ObjectID.random().prefix(32))")
    ready.secretFiles.append(path)
    let (mode, uid, gid) = (mount.mode ?? 0o400, mount.uid ?? 0, mount.gid ?? 0)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "keep a secret in memory") {
        try Files.write(path, value, mode: 0o600)
        try Files.changeOwner(path, uid: uid, gid: gid)
        try Files.changeMode(path, mode)
      }
    }
    ready.mounts.append(.init(.bind(source: path), at: mount.target, readOnly: true))
  }
}
