import DockerAPI
import EngineErrors
import Linux
import Records
import ShimProtocol
import Supervision
import Volumes

extension Containers {
  /// Finds again what ran when the last daemon ended, takes note of what ended meanwhile, and starts what the restart
  /// policies want. To be called once, before the first request.
  public func restore() async throws(EngineError) {
    for (_, record) in try table.all() { adopt(record) }
    var toStart: [Container] = []
    for container in containers.values where await container.rejoin() { toStart.append(container) }
    await services.volumes.settle()
    for container in containers.values {
      let record = await container.record
      if record.hostConfig.autoRemove && record.life.phase == .exited {
        // One that cannot be removed stays listed; the user sees it.
        try? await remove(record.id, force: false, volumes: true, keepsLog: true)
      }
    }
    for container in toStart {
      do throws(EngineError) {
        try await container.start()
      } catch {
        Log.error("container \(container.id.prefix(12)) could not be started again: \(error)")
      }
    }
  }
}

extension Container {
  /// Connects with the shim of a container that was running.
  /// - Returns: whether the container does not run and its restart policy wants it to run.
  func rejoin() async -> Bool {
    let wasRunning = record.life.isRunning
    var wasLost = false
    let found =
      wasRunning
      ? await services.supervisor.find(id, exitFile: exitFile)
      : await services.supervisor.findUnrecorded(id, exitFile: exitFile)
    switch found {
    case .running(let shim):
      await take(shim)
      return false
    case .silent:
      await keepVolumes()
      // Whether it runs is not known; the record stays, and nothing is started a second time.
      Log.error("container \(record.shortID): its shim does not answer, trying on")
      Task { _ = await rejoin() }
      return false
    case .ended(let status) where wasRunning:
      wasLost = status.shimWasKilled == true
      await happened(.exited(status, willRestart: false))
    case .ended(let status): await noteUnrecorded(status)
    case .gone where wasRunning: await happened(.exited(lostExit(), willRestart: false))
    case .gone: break
    }
    // The last daemon may have written down the end and died before it had cleared up.
    await release()
    guard !record.fresh, !record.hostConfig.autoRemove else { return false }
    // As dockerd: a new daemon starts `always` also where the user had stopped it.
    return switch restartPolicy.name {
    case .always: true
    case .unlessStopped: !record.stoppedByUser
    // A failure that no shim was there to see.
    case .onFailure: wasLost && !record.stoppedByUser
    case .no: false
    }
  }

  private func take(_ shim: Shim) async {
    self.shim = shim
    hasMountedVolumes = true
    await keepVolumes()
    watch(shim)
    await catchUp(with: shim)
  }

  private func keepVolumes() async {
    for name in volumeNames { await services.volumes.keep(name, for: id) }
  }

  /// A run of which the last daemon did not live to take note.
  private func noteUnrecorded(_ status: ExitStatus) async {
    // One that failed to start is told by the record as it is.
    guard status.failure == nil, status.finishedAt != record.life.finishedAt else { return }
    record.fresh = false
    await happened(.started(pid: 0, at: status.startedAt))
    await happened(.exited(status, willRestart: false))
  }

  /// Restarts and health changes that happened while nobody listened.
  private func catchUp(with shim: Shim) async {
    guard let now = try? await shim.state() else { return }  // it ends right now; the exit event follows
    // The last daemon died before it could tell it to start; so it ends by itself.
    if now.phase == .created { return }
    if !record.life.isRunning {
      record.fresh = false
      await happened(.started(pid: now.pid, at: now.startedAt))
    }
    let exit = now.lastExit ?? lostExit(code: 0)
    let missedExit = record.life.phase != .restarting || record.life.finishedAt != exit.finishedAt
    switch now.phase {
    case .running where record.life.pid != now.pid:
      if missedExit { await happened(.exited(exit, willRestart: true)) }
      await happened(.started(pid: now.pid, at: now.startedAt))
    case .paused where record.life.phase == .running: await happened(.paused)
    case .running where record.life.phase == .paused: await happened(.resumed)
    case .restarting where missedExit: await happened(.exited(exit, willRestart: true))
    default: break
    }
    if let text = now.outOfMemory, !record.life.outOfMemory { await happened(.outOfMemory(text)) }
    if let health = now.health { await happened(.health(health)) }
    for exec in now.execs ?? [] { await rememberExec(exec) }
  }

  /// An exit that nobody saw.
  func lostExit(code: Int32 = 255) -> ExitStatus {
    ExitStatus(
      code: code, outOfMemory: false, startedAt: record.life.startedAt, finishedAt: Moment.now(),
      failure: code == 0 ? nil : "nobody saw the container end: its shim is gone")
  }
}
