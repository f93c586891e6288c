import Bundles
import Cgroups
import DockerAPI
import EngineErrors
import JSON
import Linux
import OCISpec
import Reactor
import Supervision

extension Containers {
  /// Changes a container's limits and restart policy, at once where it runs. What `change` leaves at zero stays.
  /// - Returns: what of it is not to be had, in docker's words.
  public func update(_ reference: String, _ change: HostConfig) async throws(EngineError) -> [String] {
    try await find(reference).update(change)
  }
}

extension Container {
  func update(_ change: HostConfig) async throws(EngineError) -> [String] {
    try await exclusively { () throws(EngineError) in
      let before = record.hostConfig
      var next = try updated(before, by: change)
      let warnings = CreateWarnings.discard(services.settings.features, &next)
      var checked = ContainerCreateRequest()
      (checked.config.image, checked.hostConfig) = (record.config.image, next)
      try CreateRequestCheck.check(checked)
      if record.life.isRunning {
        try await applyLimits(next, instead: before)
      }
      record.hostConfig = next
      do throws(EngineError) {
        if record.life.isRunning, let shim, next.restartPolicy != before.restartPolicy {
          try await shim.update(restart: restartPolicy)
        }
        try await save()
      } catch {
        record.hostConfig = before
        throw error
      }
      publish("update")
      return warnings
    }
  }

  private func updated(_ host: HostConfig, by change: HostConfig) throws(EngineError) -> HostConfig {
    do throws(EngineError) {
      guard !removing else {
        throw EngineError(.conflict, "container is marked for removal and cannot be \"update\"")
      }
      return try host.updated(by: change)
    } catch {
      throw EngineError(error.kind, "Cannot update container \(id): \(error.message)", cause: error)
    }
  }

  /// Writes new limits into the cgroup, and into the bundle that the shim restarts the container from.
  private func applyLimits(_ next: HostConfig, instead before: HostConfig) async throws(EngineError) {
    let limits = CgroupLimits(changing: before, to: next)
    guard limits != CgroupLimits() else { return }
    let (directory, cgroup, hasProcess) = (directory, cgroup, record.life.hasProcess)
    try await blocking { () throws(EngineError) in
      try failing(.internal, "Cannot update container \(self.id)") {
        if hasProcess { try cgroup.apply(limits) }
        let path = "\(directory)/config.json"
        var bundle = try JSON.decode(Bundle.self, from: try Files.read(path))
        bundle.limit(by: next)
        try Files.replace(path, JSON.encode(bundle), mode: 0o600, durable: false)
      }
    }
  }
}

extension CgroupLimits {
  /// What must be written to get from one set of limits to another.
  init(changing before: HostConfig, to next: HostConfig) {
    self.init()
    var (old, new) = (Bundle(), Bundle())
    old.linux = Bundle.Linux()
    new.linux = Bundle.Linux()
    old.limit(by: before)
    new.limit(by: next)
    if let wanted = new.linux?.resources?.memory, wanted != old.linux?.resources?.memory {
      // Both together: which one must be written first depends on what was there.
      memory = wanted.limit
      memoryAndSwap = wanted.swap
      memoryReservation = wanted.reservation
    }
    if let wanted = new.linux?.resources?.cpu, wanted != old.linux?.resources?.cpu {
      let had = old.linux?.resources?.cpu
      cpuShares = wanted.shares
      cpuQuota = wanted.quota
      cpuPeriod = wanted.period
      cpus = wanted.cpus == had?.cpus ? nil : wanted.cpus
      memoryNodes = wanted.mems == had?.mems ? nil : wanted.mems
    }
    if new.linux?.resources?.pids != old.linux?.resources?.pids {
      // Docker takes 0 for no limit, and so does the cgroup's writer.
      processes = new.linux?.resources?.pids?.limit ?? 0
    }
    if let wanted = new.linux?.resources?.blockIO, wanted != old.linux?.resources?.blockIO {
      blockWeight = wanted.weight
    }
  }
}
