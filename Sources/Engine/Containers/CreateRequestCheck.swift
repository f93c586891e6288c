import Bundles
import DockerAPI
import EngineErrors
import Linux
import OCISpec

/// What docker's engine refuses before it makes a container.
enum CreateRequestCheck {
  static func check(_ request: ContainerCreateRequest) throws(EngineError) {
    let (config, host) = (request.config, request.hostConfig)
    if config.image.isEmpty { throw invalid("no image specified") }
    if !config.workingDir.isEmpty && !config.workingDir.hasPrefix("/") {
      throw invalid(
        "the working directory '\(config.workingDir)' is invalid, it needs to be an absolute path")
    }
    for variable in config.env ?? [] where variable.isEmpty || variable.hasPrefix("=") {
      throw invalid("invalid environment variable: \(variable)")
    }
    if let signal = config.stopSignal, !signal.isEmpty, Signal(signal) == nil {
      throw invalid("invalid signal: \(signal)")
    }
    try checkHostname(config.hostname)
    if let health = config.healthcheck { try checkHealth(health) }
    try HealthWishes.refuse(config)
    try ModeCheck.check(config, host)
    try checkHost(host)
  }

  private static func checkHostname(_ name: String) throws(EngineError) {
    if name.utf8.count > 64 { throw invalid("invalid hostname format: \(name)") }
  }

  private static func checkHost(_ host: HostConfig) throws(EngineError) {
    let policies: Set<String> = ["", "no", "always", "on-failure", "unless-stopped"]
    guard policies.contains(host.restartPolicy.name) else {
      throw invalid(
        "invalid restart policy: unknown policy '\(host.restartPolicy.name)'; use one of 'no', 'always', 'on-failure', or 'unless-stopped'"
      )
    }
    if host.restartPolicy.maximumRetryCount != 0 && host.restartPolicy.name != "on-failure" {
      throw invalid("invalid restart policy: maximum retry count can only be used with 'on-failure'")
    }
    if host.restartPolicy.maximumRetryCount < 0 {
      throw invalid("invalid restart policy: maximum retry count cannot be negative")
    }
    if host.autoRemove && !["", "no"].contains(host.restartPolicy.name) {
      throw invalid("can't create 'AutoRemove' container with restart policy")
    }
    let drivers: Set<String> = ["", "json-file", "local", "none"]
    guard drivers.contains(host.logConfig.type) else {
      throw invalid("logger: no log driver named '\(host.logConfig.type)' is registered")
    }
    try LogWishes.check(host.logConfig)
    if host.memory == 0, host.memorySwap > 0 {
      throw invalid("You should always set the Memory limit when using Memoryswap limit, see usage")
    }
    if host.memory != 0 && host.memory < 6 << 20 { throw invalid("Minimum memory limit allowed is 6MB") }
    if host.memory > 0, host.memorySwap > 0, host.memorySwap < host.memory {
      throw invalid("Minimum memoryswap limit should be larger than memory limit, see usage")
    }
    try ResourceCheck.check(host)
    try Bundle.checkSecurity(host)
    for entry in host.extraHosts ?? [] { try checkExtraHost(entry) }
    try checkPorts(host.portBindings ?? [:])
    guard RuntimeName.known.contains(host.runtime ?? "") else {
      throw invalid(
        "unknown or invalid runtime name: \(host.runtime ?? ""): this engine has \(RuntimeName.own), which runc means too"
      )
    }
    if let device = host.deviceRequests?.first {
      let capabilities = (device.capabilities ?? []).map { "[\($0.joined(separator: " "))]" }
      throw invalid(
        "could not select device driver \"\(device.driver)\" with capabilities: [\(capabilities.joined(separator: " "))]"
      )
    }
    if !(host.storageOpt ?? [:]).isEmpty {
      throw invalid("--storage-opt is supported only for overlay over xfs with 'pquota' mount option")
    }
    if host.shmSize < 0 { throw invalid("SHM size can not be less than 0") }
    if !(-1000...1000).contains(host.oomScoreAdj) {
      throw invalid("Invalid value \(host.oomScoreAdj), range for oom score adj is [-1000, 1000]")
    }
  }

  private static func checkHealth(_ health: HealthConfig) throws(EngineError) {
    let times = [
      ("Interval", health.interval), ("Timeout", health.timeout), ("StartPeriod", health.startPeriod),
      ("StartInterval", health.startInterval),
    ]
    for (name, time) in times {
      if let time, time != 0, time < 1_000_000 {
        throw invalid("\(name) in Healthcheck cannot be less than 1ms")
      }
    }
    if (health.retries ?? 0) < 0 { throw invalid("Retries in Healthcheck cannot be negative") }
  }

  /// `NAME:ADDRESS`, also with `=` between them.
  private static func checkExtraHost(_ entry: String) throws(EngineError) {
    guard let separator = entry.firstIndex(where: { $0 == ":" || $0 == "=" }), separator != entry.startIndex
    else {
      throw invalid("bad format for add-host: \"\(entry)\"")
    }
    let address = entry[entry.index(after: separator)...]
    let parts = address.split(separator: ".", omittingEmptySubsequences: false)
    let isAddress =
      address == "host-gateway" || parts.count == 4 && parts.allSatisfy { UInt8($0) != nil }
      || address.contains(":")
    guard isAddress else { throw invalid("invalid IP address in add-host: \"\(address)\"") }
  }

  private static func checkPorts(_ ports: PortMap) throws(EngineError) {
    func isPort(_ text: Substring) -> Bool { UInt16(text) != nil }
    for (key, bindings) in ports {
      let port = key.prefix { $0 != "/" }
      guard port.split(separator: "-").allSatisfy(isPort) else {
        throw invalid("invalid port specification: \"\(port)\"")
      }
      for binding in bindings where !binding.hostPort.split(separator: "-").allSatisfy(isPort) {
        throw invalid("invalid port specification: \"\(binding.hostPort)\"")
      }
    }
  }

  private static func invalid(_ message: String) -> EngineError { EngineError(.invalidArgument, message) }
}
