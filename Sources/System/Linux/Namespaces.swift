import CLinux
import Glibc

/// Kinds of namespaces (namespaces(7)), as bits for `unshare`, `setns` and `clone3`.
public struct Namespaces: OptionSet, Sendable, Hashable {
  public let rawValue: CInt
  public init(rawValue: CInt) { self.rawValue = rawValue }
  public static let time = Namespaces(rawValue: 0x80)
  public static let mount = Namespaces(rawValue: 0x20000)
  public static let cgroup = Namespaces(rawValue: 0x0200_0000)
  public static let uts = Namespaces(rawValue: 0x0400_0000)
  public static let ipc = Namespaces(rawValue: 0x0800_0000)
  public static let user = Namespaces(rawValue: 0x1000_0000)
  public static let pid = Namespaces(rawValue: 0x2000_0000)
  public static let network = Namespaces(rawValue: 0x4000_0000)

  /// `unshare(2)`: the calling thread gets new ones; of `pid`, its next children.
  public func unshare() throws(SyscallError) {
    try syscall("unshare") { clinux_unshare(rawValue) }
  }

  /// `setns(2)`: the calling thread joins the namespace that `/proc/…/ns/…` or a pinned file was opened as,
  /// or with a pidfd all of these of that process. Of `pid`, its next children join.
  public func join(_ descriptor: borrowing FileDescriptor) throws(SyscallError) {
    let raw = descriptor.rawValue
    try syscall("setns") { clinux_setns(raw, rawValue) }
  }

  /// The name in `/proc/<pid>/ns` of a single kind.
  public var name: String {
    switch self {
    case .time: "time"
    case .mount: "mnt"
    case .cgroup: "cgroup"
    case .uts: "uts"
    case .ipc: "ipc"
    case .user: "user"
    case .pid: "pid"
    case .network: "net"
    default: "several"
    }
  }

  /// Brings the loopback link of the calling thread's network namespace up.
  public static func raiseLoopback() throws(SyscallError) {
    try syscall("ioctl", on: "SIOCSIFFLAGS lo") { clinux_loopback_up() }
  }

  /// `sethostname(2)` in the calling thread's UTS namespace.
  public static func setHostname(_ name: String) throws(SyscallError) {
    try syscall("sethostname", on: name) { clinux_sethostname(name, name.utf8.count) }
  }

  /// `setdomainname(2)` in the calling thread's UTS namespace.
  public static func setDomainname(_ name: String) throws(SyscallError) {
    try syscall("setdomainname", on: name) { clinux_setdomainname(name, name.utf8.count) }
  }
}
