import DockerAPI
import EngineErrors
import Linux
import OCISpec

/// Device files of the host, for containers that ask for them.
enum HostDevices {
  /// The device at a path, or with a directory all below it.
  static func devices(
    _ mapping: DeviceMapping
  ) throws(EngineError) -> [(device: Bundle.Device, rule: Bundle.DeviceRule)] {
    let target = mapping.pathInContainer.isEmpty ? mapping.pathOnHost : mapping.pathInContainer
    let access = mapping.cgroupPermissions.isEmpty ? "rwm" : mapping.cgroupPermissions
    func found(_ source: String, _ destination: String) -> (Bundle.Device, Bundle.DeviceRule)? {
      device(source, destination).map { device in
        (
          device,
          Bundle.DeviceRule(
            allow: true, type: device.type, major: device.major, minor: device.minor, access: access)
        )
      }
    }
    if let one = found(mapping.pathOnHost, target) { return [one] }
    // A directory that cannot be read holds no device for us.
    let names = (try? Files.names(in: mapping.pathOnHost)) ?? []
    let all = names.compactMap { found("\(mapping.pathOnHost)/\($0)", "\(target)/\($0)") }
    guard !all.isEmpty else {
      throw EngineError(
        .invalidArgument,
        "error gathering device information while adding custom device \"\(mapping.pathOnHost)\": no such file or directory"
      )
    }
    return all
  }

  /// Every device of the host, for a privileged container; what the runtime makes itself is left out.
  static func all() -> [Bundle.Device] {
    let made: Set<String> = [
      "console", "full", "fd", "mqueue", "null", "ptmx", "pts", "random", "shm", "tty", "urandom", "zero",
    ]
    // Without a readable /dev there are none.
    let names = (try? Files.names(in: "/dev")) ?? []
    return names.filter { !made.contains($0) }.compactMap { device("/dev/\($0)", "/dev/\($0)") }
  }

  private static func device(_ source: String, _ destination: String) -> Bundle.Device? {
    // What is not there is no device.
    guard let status = try? Files.status(source),
      status.kind == .characterDevice || status.kind == .blockDevice
    else {
      return nil
    }
    return Bundle.Device(
      type: status.kind == .characterDevice ? "c" : "b", path: destination,
      major: Int64(status.deviceNumber.major),
      minor: Int64(status.deviceNumber.minor), fileMode: status.permissions, uid: status.uid, gid: status.gid)
  }

  /// `c 1:3 rwm`, with `*` for every number.
  static func rule(_ text: String) throws(EngineError) -> Bundle.DeviceRule {
    let words = text.split(separator: " ").map(String.init)
    let numbers = words.count > 1 ? words[1].split(separator: ":").map(String.init) : []
    guard words.count == 3, ["a", "b", "c"].contains(words[0]), numbers.count == 2,
      numbers.allSatisfy({ $0 == "*" || Int64($0) != nil }), words[2].allSatisfy({ "rwm".contains($0) })
    else { throw EngineError(.invalidArgument, "invalid device cgroup rule format: '\(text)'") }
    return Bundle.DeviceRule(
      allow: true, type: words[0], major: Int64(numbers[0]), minor: Int64(numbers[1]), access: words[2])
  }
}

/// What this machine can grant at all: the bounding set of this process (capabilities(7)).
enum HostCapabilities {
  static let available = Set(Capabilities.bounding().memberNames)
}
