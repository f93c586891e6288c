import Bundles
import DockerAPI
import EngineErrors
import JSON
import Linux
import Networks
import OCISpec
import Reactor
import ShimProtocol
import Snapshots
import Supervision
import Volumes

extension Container {
  /// Starts the container. On failure everything is as before, and the record says why.
  func start() async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      guard !removing else {
        throw EngineError(.conflict, "container is marked for removal and cannot be started")
      }
      guard record.life.phase != .paused else {
        throw EngineError(.conflict, "cannot start a paused container, try unpause instead")
      }
      guard !record.life.isRunning else {
        throw EngineError(.notModified, "container \(id) is already running")
      }
      record.stoppedByUser = false
      do throws(EngineError) {
        try await launch()
      } catch {
        let code = StartFailure.exitCode(error.message)
        await happened(.startFailed(message: error.message, code: code, at: Moment.now()))
        abandonEarlyAttachments()
        throw StartFailure.dressed(error)
      }
    }
  }

  private func launch() async throws(EngineError) {
    let layers = try await services.snapshots.rootFileSystem(id)
    for name in volumeNames { try await services.volumes.hold(name, for: id) }
    var surroundings = try await arrangeNetwork()
    surroundings.linked = try await linkedContainers()
    let user = try resolveUser(in: layers)
    try await writeFiles(surroundings)
    announceVolumes("mount")
    let bundle = try await makeBundle(surroundings, user)
    try await writeBundle(bundle)
    let shim = try await services.supervisor.launch(
      spec(layers, surroundings, try await imageMounts()), keeping: surroundings.reservations)
    do {
      try await admitEarlyAttachments(shim)
      watch(shim)
      self.shim = shim
      // Before its first word: clients ask for what it has said since.
      let moment = Moment.now()
      let pid = try await shim.start()
      record.fresh = false
      await happened(.started(pid: pid, at: moment))
    } catch {
      self.shim = nil
      // A shim that cannot start its container ends by itself; discarding covers one that still waits.
      try? await shim.discard()
      // What a killed one has left is gone before the next one starts. Nobody cancels this.
      if error.cause is ShimGone { _ = try? await shim.exit() }
      throw error
    }
  }

  private func spec(
    _ layers: RootFileSystem, _ surroundings: Surroundings, _ images: [ImageMount]?
  ) -> ShimSpec {
    let config = record.config
    return ShimSpec(
      id: id, bundle: directory, rootFileSystem: layers, stateRoot: "\(services.settings.execRoot)/runtime",
      socket: services.supervisor.socketPath(id), exitFile: exitFile, dnsFile: surroundings.dnsFile,
      networkNamespace: surroundings.namespacePath, log: logOptions, terminal: config.tty,
      openStdin: config.openStdin,
      stdinOnce: config.stdinOnce, restart: restartPolicy, health: HealthWishes.check(record.config),
      copyUps: record.fresh ? copyUps : [], stopSignal: stopSignal,
      consoleSize: consoleSize, relayedPorts: surroundings.relayedPorts,
      portTargets: surroundings.portTargets, confinedSources: confinedSources, imageMounts: images,
      onUnhealthy: HealthWishes.action(record.config))
  }

  /// Paths in volumes, each with its volume's directory.
  private var confinedSources: [String: String]? {
    let paths = record.mounts.compactMap { mount in mount.volumeRoot.map { (mount.source, $0) } }
    return paths.isEmpty ? nil : Dictionary(paths) { first, _ in first }
  }

  private var copyUps: [CopyUp] {
    record.mounts.filter { $0.copyUp }.map { CopyUp(destination: $0.destination, volume: $0.source) }
  }

  private var consoleSize: ConsoleSize? {
    guard let size = record.hostConfig.consoleSize, size.count == 2, size[0] > 0, size[1] > 0 else {
      return nil
    }
    return ConsoleSize(columns: UInt16(clamping: size[1]), rows: UInt16(clamping: size[0]))
  }

  var restartPolicy: ShimProtocol.RestartPolicy {
    let asked = record.hostConfig.restartPolicy
    let name = ShimProtocol.RestartPolicy.Name(rawValue: asked.name) ?? .no
    return ShimProtocol.RestartPolicy(name, maximumRetries: asked.maximumRetryCount)
  }

  /// Hears what the shim has to say until the container has ended for good.
  func watch(_ shim: Shim) {
    let events = shim.events()
    Task { [weak self] in
      for await event in events { await self?.heard(event, from: shim) }
    }
  }

  private func heard(_ event: ShimEvent, from teller: Shim) async {
    // One that was killed while it started tells of its end late, maybe when the next one runs.
    guard teller === shim else { return }
    switch event {
    case .started(let pid, let at):
      // The first start is recorded by the command that asked for it.
      if record.life.phase == .restarting { await happened(.started(pid: pid, at: at)) }
    case .exited(let status, let willRestart): await ended(status, willRestart, teller)
    case .outOfMemory(let text): await happened(.outOfMemory(text))
    case .health(let state): await happened(.health(state))
    case .probeStarted: probeStarted()
    case .probeExited(let code): probeEnded(code)
    case .execExited(let exec, let code): execEnded(exec, code)
    }
  }

  /// The shim may end a container before the command that starts it has taken note of the start.
  private func ended(_ status: ExitStatus, _ willRestart: Bool, _ teller: Shim) async {
    await turns.enter()
    defer { turns.leave() }
    // That command may have failed meanwhile, or the next one have started another shim: this end is not theirs.
    guard teller === shim else { return }
    // The shim has killed what did not stop in time.
    let kill = Signal.kill.rawValue
    if let sent = stopSignalSent, sent != kill, status.code == 128 + kill, !status.outOfMemory {
      publish("kill", ["signal": String(kill)])
    }
    await happened(.exited(status, willRestart: willRestart))
    if status.shimWasKilled == true { startAfterLoss() }
  }
}
