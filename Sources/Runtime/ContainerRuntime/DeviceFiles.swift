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

  /// Makes the standard devices, those of the bundle, and the usual links. With `bound` the host's files
  /// are bound: in a user namespace nobody may make devices.
  static func make(
    _ devices: [Bundle.Device], in root: borrowing RootDirectory, bound: Bool
  ) throws(RuntimeError) {
    let mask = Files.setCreationMask(0)
    defer { Files.setCreationMask(mask) }
    let asked = Set(devices.map(\.path))
    for device in standardDevices.filter({ !asked.contains($0.path) }) + devices {
      try step("make the device \(device.path)") { () throws(SyscallError) in
        if bound { try bind(device, in: root) } else { try make(device, in: root) }
      }
    }
    try step("make the links in /dev") { () throws(SyscallError) in try makeLinks(in: root) }
  }

  private static func make(_ device: Bundle.Device, in root: borrowing RootDirectory) throws(SyscallError) {
    let (parent, name) = RootDirectory.split(device.path)
    let place = try root.directory(parent)
    let kind: UInt32 =
      switch device.type {
      case "b": 0o060000
      case "p": 0o010000
      default: 0o020000
      }
    let mode = kind | (device.fileMode ?? 0o666) & 0o777
    let number = DeviceNumber(
      major: UInt32(clamping: device.major ?? 0), minor: UInt32(clamping: device.minor ?? 0))
    do throws(SyscallError) { try place.makeNode(name, mode: mode, device: number) } catch {
      guard error.errno == .fileExists else { throw error }
      // What the image brought is fine only if it is the same device.
      let status = try place.status(of: name)
      guard status.mode & 0o170000 == kind, kind == 0o010000 || status.deviceNumber == number else {
        throw error
      }
    }
    if device.uid ?? 0 != 0 || device.gid ?? 0 != 0 {
      try place.changeOwner(name, uid: device.uid ?? 0, gid: device.gid ?? 0)
    }
  }

  private static func bind(_ device: Bundle.Device, in root: borrowing RootDirectory) throws(SyscallError) {
    let tree = try DetachedMount.copy(of: device.path)
    try tree.attach(to: try root.file(device.path))
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
