import EngineErrors
import Linux

/// What a volume with options of the local driver is made of: something mounted over its directory.
struct VolumeMount: Equatable, Sendable {
  var type: String
  var device: String
  var flags: MountFlags
  /// What is no flag goes to the file system as it stands.
  var data: String

  /// Nil without options; docker's texts for options it does not know or misses.
  init?(name: String, options: [String: String]) throws(EngineError) {
    guard !options.isEmpty else { return nil }
    if let unknown = options.keys.sorted().first(where: { !["type", "device", "o"].contains($0) }) {
      throw EngineError(.invalidArgument, "create \(name): invalid option: \"\(unknown)\"")
    }
    for needed in ["device", "type"] where options[needed, default: ""].isEmpty {
      throw EngineError(.invalidArgument, "create \(name): missing required option: \"\(needed)\"")
    }
    type = options["type", default: ""]
    device = options["device", default: ""]
    flags = []
    var rest: [Substring] = []
    for option in options["o", default: ""].split(separator: ",") {
      if let flag = Self.flags[String(option)] { flags.formUnion(flag) } else { rest.append(option) }
    }
    data = rest.joined(separator: ",")
    if type == "bind" { flags.formUnion(.bind) }
    if flags.contains(.bind) { type = "" }
  }

  private static let flags: [String: MountFlags] = [
    "bind": .bind, "rbind": [.bind, .recursive], "ro": .readOnly, "rw": [], "defaults": [],
    "nosuid": .noSetUserID, "nodev": .noDevices, "noexec": .noExecution, "sync": .synchronous,
    "noatime": .noAccessTime, "nodiratime": .noDirectoryAccessTime, "relatime": .relativeAccessTime,
    "strictatime": .strictAccessTime, "private": .private, "rprivate": [.private, .recursive],
  ]

  private static let propagations: MountFlags = [.private]

  /// Mounts it at `path`, where nothing of it may be left when a step fails.
  func mount(on path: String) throws(SyscallError) {
    let propagation = flags.intersection(Self.propagations)
    let first = flags.subtracting(Self.propagations)
    let isBind = first.contains(.bind)
    // The kernel takes only bind and recursive with a new bind; the others need a second call.
    try Mounts.mount(
      device, on: path, type: type, isBind ? first.intersection([.bind, .recursive]) : first,
      data: isBind ? "" : data)
    do throws(SyscallError) {
      if isBind, !first.subtracting([.bind, .recursive]).isEmpty {
        try Mounts.mount("none", on: path, first.subtracting(.recursive).union(.remount))
      }
      if !propagation.isEmpty {
        try Mounts.mount("none", on: path, flags.intersection([.private, .recursive]))
      }
    } catch {
      try Mounts.unmount(path, detach: true)
      throw error
    }
  }

  /// Whether something is mounted at `path`.
  static func isMounted(_ path: String) throws(SyscallError) -> Bool {
    try anyMount(around: path) { $0 == $1 }
  }

  /// Whether something is mounted somewhere below `path`.
  static func isMountedBelow(_ path: String) throws(SyscallError) -> Bool {
    try anyMount(around: path) { $0.hasPrefix("\($1)/") }
  }

  /// Whether the kernel's list (proc_pid_mountinfo(5)) has a place that matches the one of `path`.
  private static func anyMount(
    around path: String, _ matches: (Substring, String) -> Bool
  ) throws(SyscallError) -> Bool {
    guard Files.isDirectory(path) else { return false }
    // The list names real places: without links on the way, and with blanks spelt out.
    let place = try FileDescriptor.open(path, [.path, .directory])
    let written = try Files.readLink(place.procPath).replacing("\\", with: "\\134").replacing(
      " ", with: "\\040")
    return try Files.text("/proc/self/mountinfo").split(separator: "\n").contains { line in
      let fields = line.split(separator: " ", maxSplits: 5)
      return fields.count > 4 && matches(fields[4], written)
    }
  }

  /// Takes away whatever is mounted at `path`.
  static func unmountAll(_ path: String) throws(SyscallError) {
    while try isMounted(path) { try Mounts.unmount(path, detach: true) }
  }
}
