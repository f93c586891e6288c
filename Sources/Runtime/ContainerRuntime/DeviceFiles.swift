import Linux
import OCISpec

/// What stands in a container's `/dev`.
enum DeviceFiles {
  /// Those that every container has (config-linux.md, Default Devices).
  static let standard: [(name: String, minor: Int64)] = [
    ("null", 3), ("zero", 5), ("full", 7), ("random", 8), ("urandom", 9),
  ]
  static let standardDevices =
    standard.map { Bundle.Device(type: "c", path: "/dev/\($0.name)", major: 1, minor: $0.minor) }
    + [Bundle.Device(type: "c", path: "/dev/tty", major: 5, minor: 0)]

  /// The standard ones and those of the bundle.
  static func all(_ devices: [Bundle.Device]) -> [Bundle.Device] {
    let asked = Set(devices.map(\.path))
    return standardDevices.filter { !asked.contains($0.path) } + devices
  }

  /// Makes the standard devices, those of the bundle, and the usual links. With `bound` those that the maker
  /// prepared are bound, or the host's: in a user namespace nobody may make devices.
  static func make(
    _ devices: [Bundle.Device], in root: borrowing RootDirectory, bound: Bool,
    _ prepared: inout PreparedMounts
  ) throws(RuntimeError) {
    let mask = Files.setCreationMask(0)
    defer { Files.setCreationMask(mask) }
    for device in all(devices) {
      try step("make the device \(device.path)") { () throws(SyscallError) in
        if bound && device.type != "p" {
          try bind(device, prepared.takeDevice(device.path), in: root)
        } else {
          try make(device, in: root)
        }
      }
    }
    try step("make the links in /dev") { () throws(SyscallError) in try makeLinks(in: root) }
  }

  private static func make(_ device: Bundle.Device, in root: borrowing RootDirectory) throws(SyscallError) {
    let (parent, name) = RootDirectory.split(device.path)
    let place = try root.directory(parent)
    let (mode, number) = (device.mode, device.number)
    do throws(SyscallError) { try place.makeNode(name, mode: mode, device: number) } catch {
      guard error.errno == .fileExists else { throw error }
      // What the image brought is fine only if it is the same device.
      let status = try place.status(of: name)
      guard status.mode & 0o170000 == mode & 0o170000,
        mode & 0o170000 == 0o010000 || status.deviceNumber == number
      else { throw error }
      try place.changeMode(name, mode & 0o777)
    }
    if device.uid ?? 0 != 0 || device.gid ?? 0 != 0 {
      try place.changeOwner(name, uid: device.uid ?? 0, gid: device.gid ?? 0)
    }
  }

  private static func bind(
    _ device: Bundle.Device, _ prepared: consuming DetachedMount?, in root: borrowing RootDirectory
  ) throws(SyscallError) {
    let place = try root.plainFile(device.path)
    switch consume prepared {
    case .some(let tree): try tree.attach(to: place)
    case .none:
      let host = try FileDescriptor.open(device.path, .path)
      let status = try host.status()
      guard status.mode & 0o170000 == device.mode & 0o170000, status.deviceNumber == device.number else {
        throw SyscallError(call: "open", subject: "\(device.path) of the host", errno: .noDevice)
      }
      let tree = try DetachedMount.copy(of: host)
      try tree.change(set: [.noSetUserID, .noExecution])
      try tree.attach(to: place)
    }
  }

  private static func makeLinks(in root: borrowing RootDirectory) throws(SyscallError) {
    let place = try root.directory("/dev")
    var links = [
      ("fd", "/proc/self/fd"), ("stdin", "/proc/self/fd/0"), ("stdout", "/proc/self/fd/1"),
      ("stderr", "/proc/self/fd/2"),
    ]
    if Files.exist("/proc/kcore") { links.append(("core", "/proc/kcore")) }
    for (name, target) in links {
      do { try place.makeSymbolicLink(name, to: target) } catch  where error.errno == .fileExists {}
    }
    // The container's own multiplexer, whatever the image put there.
    do { try place.remove("ptmx") } catch  where error.errno == .noSuchFile {}
    try place.makeSymbolicLink("ptmx", to: "pts/ptmx")
  }
}

extension Bundle.Device {
  /// Kind and permissions as mknod(2) takes them.
  var mode: UInt32 {
    let kind: UInt32 =
      switch type {
      case "b": 0o060000
      case "p": 0o010000
      default: 0o020000
      }
    return kind | (fileMode ?? 0o666) & 0o777
  }
  var number: DeviceNumber {
    DeviceNumber(major: UInt32(clamping: major ?? 0), minor: UInt32(clamping: minor ?? 0))
  }
}
