import Linux
import Netlink
import OCISpec

/// Links of the caller's network namespace that a container gets, with their addresses (config-linux.md,
/// Network Devices).
struct NetworkDevices {
  private let devices: [String: Bundle.NetDevice]

  init(_ devices: [String: Bundle.NetDevice]) { self.devices = devices }

  /// Moves them to the network namespace of a process.
  func move(to pid: Int32) throws(RuntimeError) {
    let namespace = try step("open the network namespace") { () throws(SyscallError) in
      try FileDescriptor.open("/proc/\(pid)/ns/net", .readOnly)
    }
    let outside = try Self.session()
    let inside = try Self.session(in: namespace)
    for (name, device) in devices.sorted(by: { $0.key < $1.key }) {
      do throws(NetlinkError) {
        try Self.move(name, as: device.name ?? name, from: outside, to: inside, namespace.rawValue)
      } catch {
        throw RuntimeError(.failed, "move the network device \(name): \(error)")
      }
    }
  }

  /// Whether a link can have this name.
  static func isValid(_ name: String) -> Bool {
    (1...15).contains(name.utf8.count) && name != "." && name != ".."
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: ":") || $0 <= 32 || $0 == 127 }
  }

  private static func session() throws(RuntimeError) -> NetlinkSession {
    do throws(NetlinkError) { return try NetlinkSession() } catch { throw RuntimeError(.failed, "\(error)") }
  }

  private static func session(in namespace: borrowing FileDescriptor) throws(RuntimeError) -> NetlinkSession {
    let own = try step("open the own network namespace") { () throws(SyscallError) in
      try FileDescriptor.open("/proc/self/ns/net", .readOnly)
    }
    try step("enter the network namespace") { () throws(SyscallError) in
      try Namespaces.network.join(namespace)
    }
    // Not thrown before the way back is gone.
    let session = try? session()
    try step("leave the network namespace") { () throws(SyscallError) in try Namespaces.network.join(own) }
    guard let session else { throw RuntimeError(.failed, "open netlink in the container") }
    return session
  }

  /// A link loses its addresses when it moves; they are given again. Routes are not.
  private static func move(
    _ name: String, as renamed: String, from outside: NetlinkSession, to inside: NetlinkSession,
    _ namespace: Int32
  ) throws(NetlinkError) {
    guard let link = try outside.link(name) else {
      throw NetlinkError(purpose: "get link \(name)", errno: .noDevice)
    }
    // Those of the link itself come by themselves.
    let addresses = try outside.addresses().filter {
      $0.link == link.index && !($0.address.count == 16 && $0.address[0] == 0xfe && $0.address[1] == 0x80)
    }
    try outside.run(.move(link.index, to: namespace, as: renamed))
    guard let moved = try inside.link(renamed) else {
      throw NetlinkError(purpose: "get link \(renamed) in the container", errno: .noDevice)
    }
    try inside.run(
      addresses.map { .addAddress($0.address, prefixLength: $0.prefixLength, link: moved.index) })
    try inside.run(.setUp(moved.index))
  }
}
