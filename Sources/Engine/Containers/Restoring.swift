import DockerAPI
import EngineErrors
import Linux
import Records
import ShimProtocol
import Supervision

extension Containers {
  /// Finds again what ran when the last daemon ended, takes note of what ended meanwhile, and starts what the restart
  /// policies want. To be called once, before the first request.
  public func restore() async throws(EngineError) {
    for (_, record) in try table.all() { adopt(record) }
    var toStart: [Container] = []
    for container in containers.values where await container.rejoin() { toStart.append(container) }
    for container in containers.values {
      let record = await container.record
      if record.hostConfig.autoRemove && record.life.phase == .exited {
        // One that cannot be removed stays listed; the user sees it.
        try? await remove(record.id, force: false, volumes: true)
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
  /// - Returns: whether the container has ended and its restart policy wants it to run.
  func rejoin() async -> Bool {
    guard record.life.isRunning else { return false }
    switch await services.supervisor.find(id, exitFile: exitFile) {
    case .running(let shim):
      self.shim = shim
      watch(shim)
      await catchUp(with: shim)
      return false
    case .ended(let status):
      await happened(.exited(status, willRestart: false))
    case .gone:
      await happened(.exited(lostExit(), willRestart: false))
    }
    guard !record.hostConfig.autoRemove, !record.stoppedByUser else { return false }
    return restartPolicy.name == .always || restartPolicy.name == .unlessStopped
  }

  /// Restarts and health changes that happened while nobody listened.
  private func catchUp(with shim: Shim) async {
    guard let now = try? await shim.state() else { return }  // it ends right now; the exit event follows
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
    if let health = now.health { await happened(.health(health)) }
  }

  /// An exit that nobody saw.
  func lostExit(code: Int32 = 255) -> ExitStatus {
    ExitStatus(
      code: code, outOfMemory: false, startedAt: record.life.startedAt, finishedAt: Moment.now(),
      failure: code == 0 ? nil : "nobody saw the container end: its shim is gone")
  }
}
