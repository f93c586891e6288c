import DockerAPI
import EngineErrors
import Events
import Filtering
import Linux
import Networks
import Reactor
import Records
import ShimProtocol
import Snapshots
import TextFormats
import Volumes

extension Containers {
  /// Removes a container; a running one only with `force`, which kills it. `volumes` takes its anonymous volumes along.
  /// Its log is kept a while under its name with `keepsLog`, by default where the volumes stay too.
  public func remove(
    _ reference: String, force: Bool, volumes: Bool, keepsLog: Bool? = nil
  ) async throws(EngineError) {
    let container = try find(reference)
    guard await container.beginRemoval() else {
      throw EngineError(.conflict, "removal of container \(reference) is already in progress")
    }
    do throws(EngineError) {
      try await container.clear(force: force)
      await keepLog(of: container, keepsLog ?? !volumes)
      try await discard(container, volumes: volumes)
    } catch {
      await container.cancelRemoval()
      throw error
    }
  }

  /// Losing it must not keep the container from going.
  private func keepLog(of container: Container, _ keeps: Bool) async {
    let (record, logs) = (await container.record, previousLogs)
    let path = keeps ? await container.logOptions.path : nil
    let about = PreviousLogs.About(id: record.id, terminal: record.config.tty)
    do {
      try await blocking { try logs.take(path, name: record.name, about) }
    } catch {
      Log.error("the log of container \(record.name) could not be kept: \(error)")
    }
    guard keeps, !isTidying else { return }
    isTidying = true
    Task {
      // The next removal tries again.
      try? await blocking { try logs.tidy(now: Moment.seconds()) }
      isTidying = false
    }
  }

  private func discard(_ container: Container, volumes: Bool) async throws(EngineError) {
    let record = await container.record
    try await services.snapshots.discard(record.id)
    let directory = container.directory
    try await blocking { () throws(EngineError) in
      try failing(.internal, "removing \(directory)") { try Files.removeTree(directory) }
    }
    try await table.remove(record.id)
    containers[record.id] = nil
    if names[record.name] == record.id { names[record.name] = nil }
    execOwners = execOwners.filter { $0.value != record.id }
    if volumes { await removeVolumes(of: record) }
    await container.announceRemoval()
  }

  private func removeVolumes(of record: ContainerRecord) async {
    for name in record.mounts.filter(\.anonymous).compactMap(\.name) {
      // Another container may use it by --volumes-from: then it stays.
      try? await services.volumes.remove(name, force: false, usedBy: users(of: name))
    }
  }

  /// The ids of the containers that mount a volume.
  public func users(of volume: String) async -> [String] {
    var users: [String] = []
    for container in containers.values
    where await container.record.mounts.contains(where: { $0.kind == .volume && $0.name == volume }) {
      users.append(container.id)
    }
    return users.sorted()
  }

  /// Removes every container that is not running and that the filters accept.
  public func prune(_ filters: Filters) async throws(EngineError) -> PruneReport {
    // Taken for no filter an unknown one would remove everything.
    try filters.admit(["label", "label!", "until"])
    let until = try filters.until()?.seconds ?? .max
    var report = PruneReport()
    report.containersDeleted = []
    for container in containers.values {
      let record = await container.record
      guard !record.life.isRunning, filters.acceptLabels(record.config.labels ?? [:]),
        Moment.seconds(record.created) < until
      else { continue }
      let size = try await services.snapshots.usage(record.id)
      try await remove(record.id, force: false, volumes: false, keepsLog: false)
      report.containersDeleted?.append(record.id)
      report.spaceReclaimed += size
    }
    services.events.publish(
      type: "container", action: "prune", id: "", attributes: ["reclaimed": String(report.spaceReclaimed)])
    return report
  }
}

extension Container {
  /// - Returns: false where somebody else removes it already.
  func beginRemoval() -> Bool {
    guard !removing else { return false }
    removing = true
    return true
  }

  func cancelRemoval() { removing = false }

  /// Makes sure that nothing of it runs.
  func clear(force: Bool) async throws(EngineError) {
    if record.life.isRunning {
      guard force else {
        let state = record.life.phase == .paused ? "paused" : "running"
        let advice =
          record.life.phase == .paused ? "unpause and then stop the container" : "stop the container"
        throw EngineError(
          .conflict,
          "cannot remove container \"/\(record.name)\": container is \(state): \(advice) before removing or force remove"
        )
      }
      record.hostConfig.autoRemove = false
      try await killForRemoval()
    }
    await turns.enter()
    turns.leave()
    await release()
  }

  private func killForRemoval() async throws(EngineError) {
    guard record.life.isRunning else { return }
    guard shim != nil else {
      await happened(.exited(lostExit(), willRestart: false))
      return
    }
    do throws(EngineError) {
      try await kill(signal: "KILL")
    } catch  where !record.life.isRunning {
      // It ended by itself in the meantime.
    }
  }

  func announceRemoval() {
    publish("destroy")
    waiters.containerRemoved(departure(record.life.exitCode))
  }

  func rename(to name: String) async throws(EngineError) {
    try await exclusively { () throws(EngineError) in
      let old = record.name
      record.name = name
      do throws(EngineError) {
        try await save()
      } catch {
        record.name = old
        throw error
      }
      await services.networks.rename(container: id, to: name)
      publish("rename", ["oldName": "/\(old)"])
    }
  }
}
