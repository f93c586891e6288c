import DockerAPI
import Flags
import TextFormats

extension ContainerRequest {
  mutating func fillLimits() throws {
    var host = HostConfig()
    swap(&host, &request.hostConfig)
    defer { swap(&host, &request.hostConfig) }
    host.cgroupParent = arguments.string("cgroup-parent")
    host.cpuPeriod = Int64(arguments.int("cpu-period"))
    host.cpuQuota = Int64(arguments.int("cpu-quota"))
    host.cpuRealtimePeriod = Int64(arguments.int("cpu-rt-period"))
    host.cpuRealtimeRuntime = Int64(arguments.int("cpu-rt-runtime"))
    host.cpuShares = Int64(arguments.int("cpu-shares"))
    host.cpusetCpus = arguments.string("cpuset-cpus")
    host.cpusetMems = arguments.string("cpuset-mems")
    host.nanoCpus = Decimal.billionths(arguments.string("cpus")) ?? 0
    host.memory = CommonFlags.size(arguments, "memory")
    host.memoryReservation = CommonFlags.size(arguments, "memory-reservation")
    host.memorySwap = CommonFlags.size(arguments, "memory-swap")
    host.shmSize = CommonFlags.size(arguments, "shm-size")
    host.oomScoreAdj = arguments.int("oom-score-adj")
    host.oomKillDisable = arguments.bool("oom-kill-disable")
    host.pidsLimit = Int64(arguments.int("pids-limit"))
    let swappiness = arguments.int("memory-swappiness")
    guard (-1...100).contains(swappiness) else {
      throw CommandFailure("invalid value: \(swappiness). Valid memory swappiness range is 0-100")
    }
    host.memorySwappiness = Int64(swappiness)
    host.ulimits = arguments.isSet("ulimit") ? try Ulimit.all(arguments.list("ulimit")) : nil
    host.blkioWeight = UInt16(clamping: arguments.int("blkio-weight"))
    host.blkioWeightDevice = try arguments.list("blkio-weight-device").map(DeviceFlags.weight)
    host.blkioDeviceReadBps = try arguments.list("device-read-bps").map(DeviceFlags.bytes)
    host.blkioDeviceWriteBps = try arguments.list("device-write-bps").map(DeviceFlags.bytes)
    host.blkioDeviceReadIOps = try arguments.list("device-read-iops").map(DeviceFlags.operations)
    host.blkioDeviceWriteIOps = try arguments.list("device-write-iops").map(DeviceFlags.operations)
    host.devices = try arguments.list("device").map(DeviceFlags.mapping)
    host.deviceCgroupRules =
      arguments.isSet("device-cgroup-rule") ? arguments.list("device-cgroup-rule") : nil
    host.deviceRequests = arguments.isSet("gpus") ? try arguments.list("gpus").map(DeviceFlags.gpus) : nil
  }
}

/// Flags that name devices.
enum DeviceFlags {
  /// `/dev/a[:/dev/b][:rwm]`
  static func mapping(_ word: String) throws -> DeviceMapping {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    var device = DeviceMapping()
    device.pathOnHost = parts[0]
    device.pathInContainer = parts[0]
    device.cgroupPermissions = "rwm"
    guard (1...3).contains(parts.count), !parts[0].isEmpty else {
      throw CommandFailure("bad format for path: \(word)")
    }
    if parts.count == 2, isPermissions(parts[1]) {
      device.cgroupPermissions = parts[1]
    } else if parts.count >= 2 {
      device.pathInContainer = parts[1]
    }
    if parts.count == 3 {
      guard isPermissions(parts[2]) else { throw CommandFailure("bad mode specified: \(parts[2])") }
      device.cgroupPermissions = parts[2]
    }
    return device
  }

  private static func isPermissions(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { "rwm".contains($0) } && Set(text).count == text.count
  }

  private static func pair(_ word: String) throws -> (String, String) {
    let parts = word.split(separator: ":", maxSplits: 1).map(String.init)
    guard parts.count == 2 else { throw CommandFailure("bad format: \(word)") }
    guard parts[0].hasPrefix("/dev/") else { throw CommandFailure("bad format for device path: \(word)") }
    return (parts[0], parts[1])
  }

  static func weight(_ word: String) throws -> WeightDevice {
    let (path, text) = try pair(word)
    guard let weight = UInt16(text), weight == 0 || (10...1000).contains(weight) else {
      throw CommandFailure("invalid weight for device: \(word)")
    }
    var device = WeightDevice()
    device.path = path
    device.weight = weight
    return device
  }

  static func bytes(_ word: String) throws -> ThrottleDevice {
    let (path, text) = try pair(word)
    // The next line tells what a rate must look like.
    guard let rate = try? ByteSize.parse(text), rate >= 0 else {
      throw CommandFailure(
        "invalid rate for device: \(word). The correct format is <device-path>:<number>[<unit>]. Number must be a positive integer. Unit is optional and can be kb, mb, or gb"
      )
    }
    return throttle(path, UInt64(rate))
  }

  static func operations(_ word: String) throws -> ThrottleDevice {
    let (path, text) = try pair(word)
    guard let rate = UInt64(text) else {
      throw CommandFailure(
        "invalid rate for device: \(word). The correct format is <device-path>:<number>. Number must be a positive integer"
      )
    }
    return throttle(path, rate)
  }

  private static func throttle(_ path: String, _ rate: UInt64) -> ThrottleDevice {
    var device = ThrottleDevice()
    device.path = path
    device.rate = rate
    return device
  }

  /// `all`, a number, or `device=0,1`.
  static func gpus(_ word: String) throws -> DeviceRequest {
    var request = DeviceRequest()
    request.capabilities = [["gpu"]]
    for field in CommaFields.split(word) {
      let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 1 {
        request.count = try count(parts[0])
      } else if parts.count == 2 {
        switch parts[0] {
        case "count": request.count = try count(parts[1])
        case "device": request.deviceIDs = parts[1].split(separator: ",").map(String.init)
        case "driver": request.driver = parts[1]
        case "capabilities":
          request.capabilities = [parts[1].split(separator: ",").map(String.init) + ["gpu"]]
        case "options": break
        default: throw CommandFailure("unexpected key '\(parts[0])' in '\(field)'")
        }
      }
    }
    return request
  }

  private static func count(_ text: String) throws -> Int {
    if text == "all" { return -1 }
    guard let count = Int(text) else {
      throw CommandFailure(
        "invalid count (\(text)): value must be either \"all\" or an integer: invalid syntax")
    }
    return count
  }

  /// `c 1:3 rwm`
  static let complaintAboutRule: @Sendable (String) -> String? = { rule in
    let parts = rule.split(separator: " ", omittingEmptySubsequences: false)
    let numbers = parts.count == 3 ? parts[1].split(separator: ":", omittingEmptySubsequences: false) : []
    let isRule =
      numbers.count == 2 && ["a", "b", "c"].contains(parts[0]) && numbers.allSatisfy { isNumber($0) }
      && isPermissions(String(parts[2]))
    return isRule ? nil : "invalid device cgroup format '\(rule)'"
  }

  private static func isNumber(_ text: Substring) -> Bool {
    text == "*" || !text.isEmpty && text.utf8.allSatisfy { (48...57).contains($0) }
  }
}
