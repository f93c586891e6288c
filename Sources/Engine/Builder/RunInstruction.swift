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
  func run(
    _ run: Instruction.Run, _ instruction: Instruction, in index: Int, on state: inout StageState
  ) async throws {
    guard run.security == nil || run.security == "sandbox" else {
      throw EngineError(.invalidArgument, "RUN --security=\(run.security ?? "") is not allowed")
    }
    let words = state.arguments(of: run.commandLine)
    let deciding = arguments.deciding(hiddenBy: state.environment)
    let directory = state.workingDirectory
    let mounts = try run.mounts.map { text throws(EngineError) in try RunMount(text, in: directory) }
    let sources = try await sources(of: mounts, in: index)
    let noted = (deciding.isEmpty ? [] : ["|\(deciding.count)"] + deciding) + words
    let createdBy = noted.joined(separator: " ")
    let parent = try Self.id(of: state)
    let key = BuildCache.key(
      parent: parent, ["run", run.network ?? ""] + run.mounts + sources.identities + [""] + noted)
    if try await cached(key, createdBy: createdBy, on: &state) { return }
    var ready = StepMounts()
    do {
      try await prepare(mounts, sources, into: &ready)
      let layer = try await perform(run, words, ready, instruction, state)
      await release(ready)
      try await finish(key, createdBy: createdBy, layer: layer, on: &state)
    } catch {
      await release(ready)
      throw error
    }
  }

  /// Runs the step in a container of its own; the layer that it made.
  private func perform(
    _ run: Instruction.Run, _ words: [String], _ ready: StepMounts, _ instruction: Instruction,
    _ state: StageState
  ) async throws -> Layer {
    let id = ObjectID.random()
    let network = run.network.flatMap { $0 == "default" ? nil : $0 } ?? options.networkMode
    do {
      let root = try await builder.snapshots.prepare(id, on: state.top)
      let step = try await step(id, root, words, ready, network: network, state)
      await output.stream(" ---> Running in \(id.prefix(12))\n")
      let code = try await builder.runner.run(step)
      try Task.checkCancellation()
      guard code == 0 else { throw await failure(words, code, instruction) }
      // The container's own hosts and resolv.conf are mounted too.
      let targets = ready.mounts.map(\.destination) + ["/etc/hosts", "/etc/resolv.conf"]
      try await blocking { () throws(EngineError) in try MountPoints(root: root).remove(targets) }
      let layer = try await builder.snapshots.commit(id)
      await discard(id)
      await output.stream(" ---> Removed intermediate container \(id.prefix(12))\n")
      return layer
    } catch {
      await discard(id)
      throw error
    }
  }

  private func step(
    _ id: String, _ root: RootFileSystem, _ words: [String], _ ready: StepMounts, network: String,
    _ state: StageState
  ) async throws -> RunStep {
    var environment = state.environment.pairs + arguments.environment(hiddenBy: state.environment)
    let taken = EnvironmentList(environment)
    environment += ready.variables.filter { taken[$0.name] == nil }.map { "\($0.name)=\($0.value)" }
    let trust = trust(network: network)
    environment += trust.variables(hiddenBy: EnvironmentList(environment))
    let binds = ready.mounts + trust.mounts(pipFile: try await writePipConfiguration(trust))
    let (output, pieces, telling) = (output, TextPieces(), telling)
    return RunStep(
      id: id, rootFileSystem: root, arguments: words, environment: environment,
      secretVariables: ready.secretVariables, user: state.defaults.user ?? "",
      workingDirectory: state.workingDirectory, mounts: binds, resources: options.resources,
      networkMode: network,
      output: { isError, bytes in
        await telling.said(isErrorOutput: isError, bytes)
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

  /// Docker's sentence, after the step and its line.
  private func failure(_ words: [String], _ code: Int32, _ instruction: Instruction) async -> BuildFailure {
    let lines =
      instruction.lines.count > 1
      ? "lines \(instruction.lines.lowerBound)-\(instruction.lines.upperBound)"
      : "line \(instruction.lines.lowerBound)"
    await output.stream("\(stepText) failed (\(options.dockerfile), \(lines)): \(instruction.text)\n")
    return BuildFailure(
      message: "The command '\(words.joined(separator: " "))' returned a non-zero code: \(code)", code: code,
      words: words)
  }

  /// Removes the step's writable layer and its container's directory.
  private func discard(_ id: String) async {
    // Whatever cannot be removed now is swept at the next start.
    try? await builder.snapshots.discard(id)
    let directory = "\(builder.dataRoot)/containers/\(id)"
    await blocking { try? Files.removeTree(directory) }
  }
}
