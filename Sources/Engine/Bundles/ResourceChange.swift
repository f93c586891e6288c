import DockerAPI
import EngineErrors
import OCISpec

extension HostConfig {
  /// With what `POST /containers/{id}/update` asks for; zero and empty leave things as they are.
  /// - Throws: docker's texts for limits that contradict each other.
  public func updated(by change: HostConfig) throws(EngineError) -> HostConfig {
    try refuseConflicts(change)
    var next = self
    func take<Value: Equatable>(_ field: WritableKeyPath<HostConfig, Value>, unless nothing: Value) {
      if change[keyPath: field] != nothing { next[keyPath: field] = change[keyPath: field] }
    }
    for field in [
      \HostConfig.cpuShares, \.nanoCpus, \.cpuPeriod, \.cpuQuota, \.memory, \.memorySwap, \.memoryReservation,
      \.cpuRealtimePeriod, \.cpuRealtimeRuntime,
    ] { take(field, unless: 0) }
    take(\.blkioWeight, unless: 0)
    take(\.cpusetCpus, unless: "")
    take(\.cpusetMems, unless: "")
    if let limit = change.pidsLimit { next.pidsLimit = limit }
    if !change.restartPolicy.name.isEmpty { next.restartPolicy = change.restartPolicy }
    return next
  }

  private func refuseConflicts(_ change: HostConfig) throws(EngineError) {
    func conflict(_ text: String) -> EngineError { EngineError(.conflict, "Conflicting options: \(text)") }
    if change.nanoCpus > 0, cpuPeriod > 0 {
      throw conflict("Nano CPUs cannot be updated as CPU Period has already been set")
    }
    if change.nanoCpus > 0, cpuQuota > 0 {
      throw conflict("Nano CPUs cannot be updated as CPU Quota has already been set")
    }
    if change.cpuPeriod > 0, nanoCpus > 0 {
      throw conflict("CPU Period cannot be updated as NanoCPUs has already been set")
    }
    if change.cpuQuota > 0, nanoCpus > 0 {
      throw conflict("CPU Quota cannot be updated as NanoCPUs has already been set")
    }
    if change.memory > memorySwap, memorySwap > 0, change.memorySwap == 0 {
      throw EngineError(
        .conflict,
        "Memory limit should be smaller than already set memoryswap limit, update the memoryswap at the same time"
      )
    }
    if autoRemove, !["", "no"].contains(change.restartPolicy.name) {
      throw EngineError(
        .conflict, "Restart policy cannot be updated because AutoRemove is enabled for the container")
    }
  }
}

extension Bundle {
  /// Refuses capabilities and security options that nobody knows.
  public static func checkSecurity(_ host: HostConfig) throws(EngineError) {
    _ = try Capabilities.resolve(
      add: host.capAdd ?? [], drop: host.capDrop ?? [], privileged: host.privileged, available: [])
    _ = try SecurityOptions(host.securityOpt ?? [])
  }

  /// The limits that can be changed while the container runs, as `host` has them.
  public mutating func limit(by host: HostConfig) {
    var resources = linux?.resources ?? Resources()
    resources.memory = Self.memory(host)
    resources.cpu = Self.cpu(host)
    resources.pids = host.pidsLimit.flatMap { $0 == 0 ? nil : Pids(limit: $0) }
    // The limits of single devices stay as they are.
    var blockIO = resources.blockIO ?? BlockIO()
    blockIO.weight = host.blkioWeight > 0 ? host.blkioWeight : nil
    resources.blockIO = blockIO == BlockIO() ? nil : blockIO
    linux?.resources = resources
  }
}
