import DockerAPI
import Dockerfile
import EngineErrors
import Linux
import OCISpec
import PathPatterns
import Reactor
import ShimProtocol
import Snapshots

/// RUN.
extension BuildRun {
  func run(_ run: Instruction.Run, _ instruction: Instruction, on state: inout StageState) async throws {
    guard run.security == nil || run.security == "sandbox" else {
      throw EngineError(.invalidArgument, "RUN --security=\(run.security ?? "") is not allowed")
    }
    let words = state.arguments(of: run.commandLine)
    let deciding = arguments.deciding(hiddenBy: state.environment)
    let mounts = try run.mounts.map(RunMount.init)
    let noted = (deciding.isEmpty ? [] : ["|\(deciding.count)"] + deciding) + words
    let createdBy = noted.joined(separator: " ")
    let network = run.network.flatMap { $0 == "default" ? nil : $0 } ?? options.networkMode
    let parent = try Self.id(of: state)
    let key = BuildCache.key(parent: parent, ["run", run.network ?? ""] + run.mounts + [""] + noted)
    if try await cached(key, createdBy: createdBy, on: &state) { return }

    let id = ObjectID.random()
    do {
      let root = try await builder.snapshots.prepare(id, on: state.top)
      let step = try await step(id, root, words, mounts, network: network, state)
      await output.stream(" ---> Running in \(id.prefix(12))\n")
      let code = try await builder.runner.run(step)
      try Task.checkCancellation()
      guard code == 0 else { throw await failure(words, code, instruction) }
      try await removeMountPoints(root)
      let layer = try await builder.snapshots.commit(id)
      await discard(id)
      await output.stream(" ---> Removed intermediate container \(id.prefix(12))\n")
      try await finish(key, createdBy: createdBy, layer: layer, on: &state)
    } catch {
      await discard(id)
      throw error
    }
  }

  private func step(
    _ id: String, _ root: RootFileSystem, _ words: [String], _ mounts: [RunMount], network: String,
    _ state: StageState
  ) async throws -> RunStep {
    var environment = state.environment.pairs + arguments.environment(hiddenBy: state.environment)
    var binds = try await mounts.asyncMap { try await self.mount($0) }
    let trust = trust(network: network)
    environment += trust.variables(hiddenBy: EnvironmentList(environment))
    binds += trust.mounts(pipFile: try await writePipConfiguration(trust))
    let (output, pieces) = (output, TextPieces())
    return RunStep(
      id: id, rootFileSystem: root, arguments: words, environment: environment,
      user: state.defaults.user ?? "",
      workingDirectory: state.workingDirectory, mounts: binds, resources: options.resources,
      networkMode: network,
      output: { isError, bytes in
        let text = pieces.text(bytes, isError: isError)
        // As dockerd: red for what comes from standard error.
        await output.stream(isError && !text.isEmpty ? "\u{1b}[91m\(text)\u{1b}[0m" : text)
      })
  }

  private func trust(network: String) -> HostTrust {
    guard let host = builder.host, HostTrust.isOn(options.buildArguments) else { return .off }
    return HostTrust(host, sharesHostNetwork: network == "host")
  }

  private func writePipConfiguration(_ trust: HostTrust) async throws -> String? {
    guard let text = trust.pipConfiguration else { return nil }
    let path = "\(workspace)/pip.conf"
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "write pip's settings") { try Files.write(path, Array(text.utf8)) }
      return path
    }
  }

  private func mount(_ mount: RunMount) async throws -> RunStep.Mount {
    switch mount.kind {
    case .memory(let size): return .init(.memory(size: size), at: mount.target, readOnly: false)
    case .cache(let name, let mode):
      let path = "\(builder.dataRoot)/build-caches/\(name)"
      return try await blocking { () throws(EngineError) in
        try failing(.internal, "make a cache directory") {
          try Files.makeDirectories(path)
          try Files.changeMode(path, mode)
        }
        return .init(.bind(source: path), at: mount.target, readOnly: mount.readOnly)
      }
    case .context(let source):
      let root = context.path
      return try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "RUN --mount") {
          let place = try FileDescriptor.open(root, [.directory]).open(inside: source, [.path])
          return .init(.bind(source: try Files.readLink(place.procPath)), at: mount.target, readOnly: true)
        }
      }
    }
  }

  /// Docker's sentence, after the step and its line.
  private func failure(_ words: [String], _ code: Int32, _ instruction: Instruction) async -> BuildFailure {
    let lines =
      instruction.lines.count > 1
      ? "lines \(instruction.lines.lowerBound)-\(instruction.lines.upperBound)"
      : "line \(instruction.lines.lowerBound)"
    await output.stream("\(stepText) failed (\(options.dockerfile), \(lines)): \(instruction.text)\n")
    return BuildFailure(
      message: "The command '\(words.joined(separator: " "))' returned a non-zero code: \(code)", code: code)
  }

  /// The empty files on which the container's own hosts and resolv.conf were mounted are no part of the image.
  private func removeMountPoints(_ root: RootFileSystem) async throws {
    guard let upper = root.upper else { return }
    try await blocking { () throws(EngineError) in
      try failing(.internal, "clean the step's layer") {
        let layer = try FileDescriptor.open(upper, [.directory])
        for path in ["etc/hosts", "etc/resolv.conf"] {
          guard let status = try layer.statusInside(path), status.kind == .regular, status.size == 0 else {
            continue
          }
          try layer.directoryInside("etc").remove(SlashPath.base(path))
        }
        if try Self.isTouchedOnly("etc", in: layer, root) { try layer.remove("etc", directory: true) }
      }
    }
  }

  /// Whether a directory is in the writable layer only because something in it came and went.
  private static func isTouchedOnly(
    _ name: String, in layer: borrowing FileDescriptor, _ root: RootFileSystem
  ) throws -> Bool {
    guard let status = try layer.statusInside(name), status.kind == .directory,
      try layer.directoryInside(name).entries().isEmpty
    else { return false }
    for lower in root.lower {
      let below = try FileDescriptor.open("\(root.layersDirectory)/\(lower)", [.directory])
      guard let original = try below.statusInside(name) else { continue }
      return original.kind == .directory && original.mode == status.mode && original.uid == status.uid
        && original.gid == status.gid
    }
    return false
  }

  /// Removes the step's writable layer and its container's directory.
  private func discard(_ id: String) async {
    // Whatever cannot be removed now is swept at the next start.
    try? await builder.snapshots.discard(id)
    let directory = "\(builder.dataRoot)/containers/\(id)"
    await blocking { try? Files.removeTree(directory) }
  }
}

extension Array {
  func asyncMap<Result>(_ body: (Element) async throws -> Result) async throws -> [Result] {
    var results: [Result] = []
    for element in self { results.append(try await body(element)) }
    return results
  }
}
