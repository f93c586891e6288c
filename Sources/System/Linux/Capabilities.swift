import CLinux
import Glibc

/// A set of capabilities (capabilities(7)), one bit each.
public struct Capabilities: OptionSet, Sendable, Hashable {
  public let rawValue: UInt64
  public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Their names without `CAP_`, by number.
  public static let names = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
  ]

  /// The capability of a name such as `CAP_CHOWN`, in any case, with or without `CAP_`.
  public init?(name: String) {
    // As bytes: a container's process asks for dozens of names.
    let upper = name.utf8.map { (97...122).contains($0) ? $0 - 32 : $0 }
    let bare = upper.starts(with: "CAP_".utf8) ? upper[4...] : upper[...]
    let found = Self.names.firstIndex { $0.utf8.count == bare.count && $0.utf8.elementsEqual(bare) }
    guard let number = found else { return nil }
    self.init(rawValue: 1 << UInt64(number))
  }

  /// The names of its members, as `CAP_CHOWN`.
  public var memberNames: [String] {
    Self.names.indices.filter { rawValue >> UInt64($0) & 1 == 1 }.map { "CAP_\(Self.names[$0])" }
  }

  /// The effective, permitted and inheritable sets of the calling thread (capget(2)).
  public static func current() throws(SyscallError) -> (effective: Self, permitted: Self, inheritable: Self) {
    var effective: UInt64 = 0
    var permitted: UInt64 = 0
    var inheritable: UInt64 = 0
    try syscall("capget") { clinux_capget(&effective, &permitted, &inheritable) }
    return (Self(rawValue: effective), Self(rawValue: permitted), Self(rawValue: inheritable))
  }

  /// capset(2) on the calling thread.
  public static func set(effective: Self, permitted: Self, inheritable: Self) throws(SyscallError) {
    try syscall("capset") { clinux_capset(effective.rawValue, permitted.rawValue, inheritable.rawValue) }
  }

  /// The bounding set of the calling thread, of the capabilities that the kernel knows.
  public static func bounding() -> Self { Self(rawValue: .max).bounded() }

  /// Those of these that are in the bounding set of the calling thread (`PR_CAPBSET_READ`).
  public func bounded() -> Self {
    var set: UInt64 = 0
    for number in 0..<64 where rawValue >> UInt64(number) & 1 == 1 {
      // What the kernel does not know is in no set of its.
      if clinux_prctl(23, UInt(number), 0, 0, 0) == 1 { set |= 1 << UInt64(number) }
    }
    return Self(rawValue: set)
  }

  /// Drops from the bounding set whatever is not in `kept` (`PR_CAPBSET_DROP`).
  public static func limitBounding(to kept: Self) throws(SyscallError) {
    for number in 0..<64 where kept.rawValue >> UInt64(number) & 1 == 0 {
      do { try syscall("prctl", on: "PR_CAPBSET_DROP") { clinux_prctl(24, UInt(number), 0, 0, 0) } } catch
        where error.errno == .invalidArgument
      {
        return
      }
    }
  }

  /// Makes exactly `wanted` the ambient set; each must be permitted and inheritable (`PR_CAP_AMBIENT`).
  public static func setAmbient(_ wanted: Self) throws(SyscallError) {
    try syscall("prctl", on: "PR_CAP_AMBIENT_CLEAR_ALL") { clinux_prctl(47, 4, 0, 0, 0) }
    for number in 0..<64 where wanted.rawValue >> UInt64(number) & 1 == 1 {
      try syscall("prctl", on: "PR_CAP_AMBIENT_RAISE") { clinux_prctl(47, 2, UInt(number), 0, 0) }
    }
  }
}
