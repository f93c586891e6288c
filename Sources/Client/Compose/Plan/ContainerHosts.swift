import ComposeModel
import DockerAPI
import JSON

/// The part of a container's request that depends on the host: mounts, ports, limits.
extension ContainerRequests {
  func host(_ service: Service, _ extras: Extras) throws(ComposeFailure) -> HostConfig {
    var host = HostConfig()
    func list(_ key: String) -> [String]? {
      let items = service.list(key)
      return items.isEmpty ? nil : items
    }
    host.autoRemove = extras.autoRemove
    host.annotations = Self.texts(service["annotations"])
    host.capAdd = list("cap_add")
    host.capDrop = list("cap_drop")
    host.initProcess = service["init"]?.bool
    host.ipcMode = try shared(service.text("ipc") ?? "")
    host.pidMode = try shared(service.text("pid") ?? "")
    host.utsMode = try shared(service.text("uts") ?? "")
    host.cgroupnsMode = service.text("cgroup") ?? ""
    host.usernsMode = service.text("userns_mode") ?? ""
    host.readonlyRootfs = service.flag("read_only")
    host.privileged = service.flag("privileged")
    host.restartPolicy = restartPolicy(service)
    host.shmSize = service.integer("shm_size")
    host.sysctls = Self.texts(service["sysctls"])
    host.portBindings = portBindings(service)
    host.volumeDriver = service.text("volume_driver") ?? ""
    host.volumesFrom = try volumesFrom(service)
    host.dns = list("dns")
    host.dnsSearch = list("dns_search")
    host.dnsOptions = list("dns_opt")
    let hosts = service.members("extra_hosts").flatMap { entry in
      (entry.value.array ?? []).map { "\(entry.key):\($0.string ?? "")" }
    }
    host.extraHosts = hosts.isEmpty ? nil : hosts.sorted()
    host.storageOpt = Self.texts(service["storage_opt"])
    host.groupAdd = list("group_add")
    host.oomScoreAdj = Int(service.integer("oom_score_adj"))
    host.runtime = service.text("runtime")
    host.isolation = service.text("isolation") ?? ""
    if let logging = service["logging"] {
      host.logConfig.type = logging["driver"]?.string ?? ""
      host.logConfig.config = Self.texts(logging["options"])
    }
    setSecurity(&host, service)
    setTmpfs(&host, service)
    setLimits(&host, service)
    setDevices(&host, service)
    setMounts(&host, service, extras)
    return host
  }

  private func setSecurity(_ host: inout HostConfig, _ service: Service) {
    let options = service.list("security_opt")
    guard !options.isEmpty else { return }
    host.securityOpt = options.filter { $0 != "systempaths=unconfined" }
    if options.contains("systempaths=unconfined") {
      host.maskedPaths = []
      host.readonlyPaths = []
    }
  }

  private func setTmpfs(_ host: inout HostConfig, _ service: Service) {
    let entries = service.list("tmpfs").map { entry -> (String, String) in
      let parts = entry.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      return (String(parts[0]), parts.count > 1 ? String(parts[1]) : "")
    }
    if !entries.isEmpty { host.tmpfs = Dictionary(entries) { _, last in last } }
  }

  private func restartPolicy(_ service: Service) -> RestartPolicy {
    var policy = RestartPolicy()
    func mode(_ word: String) -> String {
      switch word {
      case "none", "no": "no"
      case "any", "always": "always"
      default: word
      }
    }
    if let restart = service.text("restart") {
      let parts = restart.split(separator: ":").map(String.init)
      policy.name = mode(parts.first ?? "")
      policy.maximumRetryCount = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    }
    if let deploy = service["deploy"]?["restart_policy"] {
      policy.name = mode(deploy["condition"]?.string ?? "")
      policy.maximumRetryCount = Int(deploy["max_attempts"]?.integer ?? 0)
    }
    return policy
  }

  private func portBindings(_ service: Service) -> PortMap? {
    var bindings: PortMap = [:]
    for port in service.parts("ports") {
      var binding = PortBinding()
      binding.hostIP = port["host_ip"]?.string ?? ""
      binding.hostPort = port["published"]?.string ?? ""
      bindings[Self.portKey(port), default: []].append(binding)
    }
    return bindings.isEmpty ? nil : bindings
  }

  private func volumesFrom(_ service: Service) throws(ComposeFailure) -> [String]? {
    var result: [String] = []
    for source in service.list("volumes_from") {
      if source.hasPrefix("container:") {
        result.append(String(source.dropFirst(10)))
        continue
      }
      let parts = source.split(separator: ":", maxSplits: 1).map(String.init)
      guard let id = containerIDs[parts[0]] else {
        throw ComposeFailure("cannot share volume with service \(parts[0]): container missing")
      }
      result.append(parts.count > 1 ? "\(id):\(parts[1])" : id)
    }
    return result.isEmpty ? nil : result
  }

  private func setLimits(_ host: inout HostConfig, _ service: Service) {
    let limits = service["deploy"]?["resources"]?["limits"]
    let reservations = service["deploy"]?["resources"]?["reservations"]
    host.cgroupParent = service.text("cgroup_parent") ?? ""
    host.memory = limits?["memory"]?.integer ?? service.integer("mem_limit")
    host.memorySwap = service.integer("memswap_limit")
    host.memorySwappiness = service["mem_swappiness"]?.integer
    host.memoryReservation = reservations?["memory"]?.integer ?? service.integer("mem_reservation")
    host.oomKillDisable = service.flag("oom_kill_disable")
    host.cpuCount = service.integer("cpu_count")
    host.cpuPeriod = service.integer("cpu_period")
    host.cpuQuota = service.integer("cpu_quota")
    host.cpuRealtimePeriod = service.integer("cpu_rt_period")
    host.cpuRealtimeRuntime = service.integer("cpu_rt_runtime")
    host.cpuShares = service.integer("cpu_shares")
    host.nanoCpus = Int64(((limits?["cpus"]?.number ?? service["cpus"]?.number ?? 0) * 1e9).rounded())
    host.cpuPercent = Int64((service["cpu_percent"]?.number ?? 0) * 100)
    host.cpusetCpus = service.text("cpuset") ?? ""
    host.pidsLimit = limits?["pids"]?.integer ?? service["pids_limit"]?.integer
    let ulimits = service.members("ulimits").map { entry -> Ulimit in
      var ulimit = Ulimit()
      ulimit.name = entry.key
      ulimit.soft = entry.value["soft"]?.integer ?? entry.value.integer ?? 0
      ulimit.hard = entry.value["hard"]?.integer ?? entry.value.integer ?? 0
      return ulimit
    }
    host.ulimits = ulimits.isEmpty ? nil : ulimits
    setBlockLimits(&host, service["blkio_config"]?.object ?? [:])
  }

  private func setBlockLimits(_ host: inout HostConfig, _ limits: JSONObject) {
    func throttles(_ key: String) -> [ThrottleDevice]? {
      limits[key]?.array?.map { entry in
        var device = ThrottleDevice()
        device.path = entry["path"]?.string ?? ""
        device.rate = UInt64(clamping: entry["rate"]?.integer ?? 0)
        return device
      }
    }
    host.blkioWeight = UInt16(clamping: limits["weight"]?.integer ?? 0)
    host.blkioWeightDevice = limits["weight_device"]?.array?.map { entry in
      var device = WeightDevice()
      device.path = entry["path"]?.string ?? ""
      device.weight = UInt16(clamping: entry["weight"]?.integer ?? 0)
      return device
    }
    host.blkioDeviceReadBps = throttles("device_read_bps")
    host.blkioDeviceReadIOps = throttles("device_read_iops")
    host.blkioDeviceWriteBps = throttles("device_write_bps")
    host.blkioDeviceWriteIOps = throttles("device_write_iops")
  }

  private func setDevices(_ host: inout HostConfig, _ service: Service) {
    let devices = service.parts("devices").map { entry -> DeviceMapping in
      var device = DeviceMapping()
      device.pathOnHost = entry["source"]?.string ?? ""
      device.pathInContainer = entry["target"]?.string ?? ""
      device.cgroupPermissions = entry["permissions"]?.string ?? ""
      return device
    }
    host.devices = devices.isEmpty ? nil : devices
    let rules = service.list("device_cgroup_rules")
    host.deviceCgroupRules = rules.isEmpty ? nil : rules
    let reserved = (service["deploy"]?["resources"]?["reservations"]?["devices"]?.array ?? []).compactMap(
      \.object)
    let requests =
      reserved.map { request($0, also: []) } + service.parts("gpus").map { request($0, also: ["gpu"]) }
    host.deviceRequests = requests.isEmpty ? nil : requests
  }

  private func request(_ entry: JSONObject, also capabilities: [String]) -> DeviceRequest {
    var request = DeviceRequest()
    request.driver = entry["driver"]?.string ?? ""
    request.count = Int(entry["count"]?.integer ?? 0)
    request.deviceIDs = entry["device_ids"]?.array?.compactMap(\.string)
    request.capabilities = [(entry["capabilities"]?.array?.compactMap(\.string) ?? []) + capabilities]
    request.options = Self.texts(entry["options"])
    return request
  }
}
