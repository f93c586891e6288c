import DockerAPI
import EngineErrors

/// Namespaces that a container may share, and what cannot go with them, in docker's words.
enum ModeCheck {
  static func check(_ config: ContainerConfig, _ host: HostConfig) throws(EngineError) {
    guard ["", "default"].contains(host.isolation.lowercased()) else {
      throw invalid("invalid isolation (\(host.isolation)): linux only supports 'default'")
    }
    try require(host.ipcMode, among: ["none", "private", "shareable", "host"], orContainer: true, "IPC")
    try require(host.pidMode, among: ["host"], orContainer: true, "PID")
    try require(host.utsMode, among: ["host"], "UTS")
    try require(host.usernsMode, among: ["host"], "user namespace")
    try require(host.cgroupnsMode, among: ["private", "host"], "cgroup namespace")
    if host.utsMode == "host", !config.hostname.isEmpty {
      throw invalid("conflicting options: hostname and the UTS mode")
    }
    if host.networkMode == "host", !(host.links ?? []).isEmpty {
      throw conflicting(
        "host type networking can't be used with links. This would result in undefined behavior")
    }
    if host.networkMode.hasPrefix("container:") { try checkSharedNetwork(config, host) }
  }

  private static func checkSharedNetwork(_ config: ContainerConfig, _ host: HostConfig) throws(EngineError) {
    guard host.networkMode != "container:" else {
      throw invalid("invalid network mode: invalid container format container:<name|id>")
    }
    if !config.hostname.isEmpty { throw conflicting("hostname and the network mode") }
    if !(host.links ?? []).isEmpty {
      throw conflicting(
        "container type network can't be used with links. This would result in undefined behavior")
    }
    if !(host.dns ?? []).isEmpty { throw conflicting("dns and the network mode") }
    if !(host.extraHosts ?? []).isEmpty {
      throw conflicting("custom host-to-IP mapping and the network mode")
    }
    if !(host.portBindings ?? [:]).isEmpty || host.publishAllPorts {
      throw conflicting("port publishing and the container type network mode")
    }
    if !(config.exposedPorts ?? [:]).isEmpty {
      throw conflicting("port exposing and the container type network mode")
    }
  }

  private static func require(
    _ mode: String, among known: Set<String>, orContainer: Bool = false, _ what: String
  ) throws(EngineError) {
    if mode.isEmpty || known.contains(mode) { return }
    if orContainer, mode.hasPrefix("container:"), mode != "container:" { return }
    throw invalid("invalid \(what) mode: \(mode)")
  }

  private static func conflicting(_ what: String) -> EngineError { invalid("conflicting options: \(what)") }
  private static func invalid(_ message: String) -> EngineError { EngineError(.invalidArgument, message) }
}
