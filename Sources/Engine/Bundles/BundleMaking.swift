import DockerAPI
import EngineErrors
import OCISpec

extension Bundle {
  /// The OCI bundle of a container, as Docker's engine would have it.
  public init(for request: BundleRequest) throws(EngineError) {
    let host = request.host
    let capabilities = try Capabilities.resolve(
      add: host.capAdd ?? [], drop: host.capDrop ?? [], privileged: host.privileged,
      available: request.availableCapabilities)
    let security = try SecurityOptions(host.securityOpt ?? [])
    self.init(
      root: Root(path: "rootfs", readonly: host.readonlyRootfs),
      process: try Self.process(request, capabilities, security),
      hostname: host.utsMode == "host" ? nil : request.hostname,
      domainname: host.utsMode == "host" || request.config.domainname.isEmpty
        ? nil : request.config.domainname,
      mounts: Self.mounts(request), annotations: host.annotations ?? [:])
    linux = Linux(
      namespaces: Self.namespaces(request), resources: try Self.resources(request),
      cgroupsPath: request.cgroupsPath,
      sysctl: Self.sysctls(request), devices: request.devices,
      seccomp: try SeccompProfile.seccomp(security, capabilities: capabilities, privileged: host.privileged))
    let paths = try Self.guardedPaths(host)
    linux?.maskedPaths = paths.masked
    linux?.readonlyPaths = paths.readonly
  }

  /// The paths of /proc and /sys that a container does not see, and those that it cannot write.
  public static func guardedPaths(
    _ host: HostConfig
  ) throws(EngineError) -> (masked: [String], readonly: [String]) {
    if host.privileged { return ([], []) }
    let open = try SecurityOptions(host.securityOpt ?? []).unmasksSystemPaths
    return (host.maskedPaths ?? (open ? [] : maskedPaths), host.readonlyPaths ?? (open ? [] : readonlyPaths))
  }

  static let maskedPaths = [
    "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
    "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
    "/sys/devices/virtual/powercap",
    "/sys/firmware",
  ]

  static let readonlyPaths = ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]

  private static func namespaces(_ request: BundleRequest) -> [Namespace] {
    var namespaces = [Namespace(.mount)]
    func add(_ kind: Namespace.Kind, _ sharing: BundleRequest.Sharing) {
      switch sharing {
      case .own: namespaces.append(Namespace(kind))
      case .path(let path): namespaces.append(Namespace(kind, path: path))
      case .host: break
      }
    }
    add(.network, request.network)
    add(.uts, request.host.utsMode == "host" ? .host : .own)
    add(.pid, request.pid)
    add(.ipc, request.ipc)
    add(
      .cgroup,
      request.host.cgroupnsMode == "host" || request.host.privileged && request.host.cgroupnsMode.isEmpty
        ? .host : .own)
    return namespaces
  }

  /// Unprivileged ports and ping work without capabilities in a network of one's own, as Docker has it since 20.10.
  private static func sysctls(_ request: BundleRequest) -> [String: String] {
    var sysctls = request.host.sysctls ?? [:]
    guard request.network != .host else { return sysctls }
    if sysctls["net.ipv4.ip_unprivileged_port_start"] == nil {
      sysctls["net.ipv4.ip_unprivileged_port_start"] = "0"
    }
    if sysctls["net.ipv4.ping_group_range"] == nil { sysctls["net.ipv4.ping_group_range"] = "0 2147483647" }
    return sysctls
  }

  // MARK: process

  private static func process(
    _ request: BundleRequest, _ capabilities: [String], _ security: SecurityOptions
  ) throws(EngineError) -> Process {
    let config = request.config
    let first = request.initProgram == nil ? [] : [InitMount.destination, "--"]
    let words = first + (config.entrypoint?.words ?? []) + (config.cmd?.words ?? [])
    let isRoot = request.user.uid == 0
    let granted = isRoot ? capabilities : []
    return Process(
      args: words,
      env: defaultEnvironment(
        terminal: config.tty, hostname: request.hostname, home: request.user.home, own: config.env ?? []),
      cwd: config.workingDir.isEmpty ? "/" : config.workingDir,
      user: User(uid: request.user.uid, gid: request.user.gid, additionalGids: request.user.additionalGroups),
      terminal: config.tty, consoleSize: consoleSize(request.host),
      capabilities: CapabilitySets(bounding: capabilities, effective: granted, permitted: granted),
      rlimits: try limits(request.host.ulimits ?? []), noNewPrivileges: security.noNewPrivileges,
      oomScoreAdj: request.host.oomScoreAdj == 0 ? nil : request.host.oomScoreAdj)
  }

  private static func consoleSize(_ host: HostConfig) -> ConsoleSize? {
    guard let size = host.consoleSize, size.count == 2, size[0] > 0, size[1] > 0 else { return nil }
    return ConsoleSize(height: UInt16(clamping: size[0]), width: UInt16(clamping: size[1]))
  }

  /// The runtime knows one more than docker's flags.
  private static let limitNames = Ulimit.names.union(["as"])

  private static func limits(_ ulimits: [Ulimit]) throws(EngineError) -> [ResourceLimit] {
    var limits: [ResourceLimit] = []
    for limit in ulimits {
      guard limitNames.contains(limit.name.lowercased()) else {
        throw EngineError(.invalidArgument, "invalid ulimit type: \(limit.name)")
      }
      func value(_ number: Int64) -> UInt64 { number < 0 ? .max : UInt64(number) }
      limits.append(
        ResourceLimit(
          type: "RLIMIT_\(limit.name.uppercased())", soft: value(limit.soft), hard: value(limit.hard)))
    }
    return limits
  }
}

/// PATH, HOSTNAME, TERM and HOME where nobody set them, then what was set. `NAME` alone sets nothing, and keeps the
/// default from being set.
public func defaultEnvironment(terminal: Bool, hostname: String, home: String, own: [String]) -> [String] {
  var defaults = [
    ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"), ("HOSTNAME", hostname),
  ]
  if terminal { defaults.append(("TERM", "xterm")) }
  var left = own
  var environment = defaults.map { name, value in
    // A default that was set keeps its place, as with dockerd.
    guard let index = left.firstIndex(where: { $0.prefix { $0 != "=" } == name }) else {
      return "\(name)=\(value)"
    }
    return left.remove(at: index)
  }
  environment += left
  let names = Set(environment.map { String($0.prefix { $0 != "=" }) })
  if !names.contains("HOME") { environment.append("HOME=\(home)") }
  return environment.filter { $0.contains("=") }
}

/// Variables of `own`, then those of `base` that `own` does not set.
public func mergeEnvironment(_ base: [String], _ own: [String]) -> [String] {
  ContainerConfig.mergeEnvironment(base, own)
}
