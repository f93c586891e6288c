import Assembly
import Cgroups
import Containers
import DockerAPI
import Images
import Linux
import TextFormats

/// The answer of `GET /info`.
func systemInfo(_ engine: Engine, _ facts: DaemonFacts) async throws -> SystemInfo {
  var info = SystemInfo()
  let containers = try await engine.containers.list(.everything)
  info.containers = containers.count
  info.containersRunning = containers.filter { ["running", "restarting"].contains($0.state) }.count
  info.containersPaused = containers.filter { $0.state == "paused" }.count
  info.containersStopped = info.containers - info.containersRunning - info.containersPaused
  info.images = try await engine.images.all().count
  info.dockerRootDir = engine.settings.dataRoot
  info.id = facts.id
  info.describe(facts.told)
  info.debug = Log.level == .debug
  info.describeEngine()
  info.describe(engine.containers.services.settings.features)
  info.describeHost(HostFacts.read())
  info.systemTime = Timestamp(nanoseconds: Clock.realtime).rfc3339
  return info
}

extension SystemInfo {
  fileprivate mutating func describe(_ told: DaemonFacts.Told) {
    labels = told.labels
    liveRestoreEnabled = told.liveRestore
    warnings = told.warnings.isEmpty ? nil : told.warnings
    registryConfig.mirrors = told.registryMirrors.map { $0.hasSuffix("/") ? $0 : "\($0)/" }
    registryConfig.insecureRegistryCIDRs =
      told.insecureRegistries.filter { $0.contains("/") } + ["127.0.0.0/8"]
  }

  fileprivate mutating func describeEngine() {
    serverVersion = EngineVersion.number
    driver = "overlay2"
    driverStatus = [["Backing Filesystem", "overlayfs"]]
    plugins.volume = ["local"]
    plugins.network = ["bridge", "host", "macvlan", "null"]
    plugins.log = ["json-file", "local", "none"]
    loggingDriver = "json-file"
    cgroupDriver = "cgroupfs"
    osType = "linux"
    indexServerAddress = "https://index.docker.io/v1/"
    defaultRuntime = "skiff-runtime"
    var runtime = RuntimeInfo()
    runtime.path = "skiff-runtime"
    runtimes = [defaultRuntime: runtime]
    swarm.localNodeState = "inactive"
    initBinary = "skiff-shim"
    securityOptions = ["name=seccomp,profile=builtin"]
    for (key, variable) in [
      (\SystemInfo.httpProxy, "HTTP_PROXY"), (\.httpsProxy, "HTTPS_PROXY"), (\.noProxy, "NO_PROXY"),
    ] {
      self[keyPath: key] = Environment.value(variable) ?? Environment.value(variable.lowercased()) ?? ""
    }
  }

  fileprivate mutating func describe(_ features: CgroupFeatures) {
    (memoryLimit, swapLimit, oomKillDisable) = (features.memory, features.swap, features.oomKillDisable)
    (cpuCfsPeriod, cpuCfsQuota) = (features.cpuBandwidth, features.cpuBandwidth)
    (cpuShares, cpuSet, pidsLimit) = (features.cpuShares, features.cpuset, features.processes)
  }

  fileprivate mutating func describeHost(_ host: HostFacts) {
    kernelVersion = host.kernelVersion
    operatingSystem = host.operatingSystem
    osVersion = host.osVersion
    architecture = host.architecture
    ncpu = host.processors
    memTotal = host.memory
    name = host.name
    ipv4Forwarding = host.forwardsIPv4
    cgroupVersion = host.hasUnifiedCgroups ? "2" : "1"
  }
}
