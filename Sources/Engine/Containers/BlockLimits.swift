import DockerAPI
import EngineErrors
import Linux
import OCISpec

/// The weights and rates of block devices, which requests name by their files and the kernel by their numbers.
enum BlockLimits {
  /// Nil where nothing is limited.
  static func resolve(_ host: HostConfig) throws(EngineError) -> Bundle.BlockIO? {
    var limits = Bundle.BlockIO(weight: host.blkioWeight > 0 ? host.blkioWeight : nil)
    for wish in host.blkioWeightDevice ?? [] where wish.weight > 0 {
      let number = try number(of: wish.path)
      limits.weightDevice.append(
        Bundle.DeviceWeight(major: number.major, minor: number.minor, weight: wish.weight))
    }
    limits.throttleReadBpsDevice = try rates(host.blkioDeviceReadBps)
    limits.throttleWriteBpsDevice = try rates(host.blkioDeviceWriteBps)
    limits.throttleReadIOPSDevice = try rates(host.blkioDeviceReadIOps)
    limits.throttleWriteIOPSDevice = try rates(host.blkioDeviceWriteIOps)
    return limits == Bundle.BlockIO() ? nil : limits
  }

  private static func rates(_ wishes: [ThrottleDevice]?) throws(EngineError) -> [Bundle.Throttle] {
    var rates: [Bundle.Throttle] = []
    for wish in wishes ?? [] {
      let number = try number(of: wish.path)
      rates.append(Bundle.Throttle(major: number.major, minor: number.minor, rate: wish.rate))
    }
    return rates
  }

  private static func number(of path: String) throws(EngineError) -> (major: Int64, minor: Int64) {
    let status: FileStatus
    do throws(SyscallError) { status = try Files.status(path) } catch {
      throw EngineError(.invalidArgument, "stat \(path): \(error.errno.description.lowercased())")
    }
    guard status.kind == .blockDevice else {
      throw EngineError(.invalidArgument, "\(path) is no block device")
    }
    return (Int64(status.deviceNumber.major), Int64(status.deviceNumber.minor))
  }
}
