import EngineErrors
import Linux

/// What a bridge asks of the host's kernel besides itself (Documentation/networking/ip-sysctl.rst).
struct HostForwarding {
  /// Where the kernel's settings of networks lie.
  var root = "/proc/sys/net"

  /// Forwarding, published ports from 127.0.0.1, and no IPv6 that nobody asked for.
  func configure(_ bridge: String, ipv6: Bool) throws(SyscallError) {
    try set("ipv4/ip_forward", "1")
    try set("ipv4/conf/\(bridge)/route_localnet", "1")
    guard ipv6 else { return try set("ipv6/conf/\(bridge)/disable_ipv6", "1") }
    try forwardIPv6()
    // What containers say of routers is nothing that the host should believe.
    try set("ipv6/conf/\(bridge)/accept_ra", "0")
    try set("ipv6/conf/\(bridge)/accept_dad", "0")
    try set("ipv6/conf/\(bridge)/disable_ipv6", "0")
  }

  /// A host that forwards stops listening to its own routers, and loses its way out where it has learnt it from
  /// them: links that listened go on doing so.
  private func forwardIPv6() throws(SyscallError) {
    guard try value("ipv6/conf/all/forwarding") != "1" else { return }
    for link in try Files.names(in: "\(root)/ipv6/conf") where !["all", "default"].contains(link) {
      let setting = "ipv6/conf/\(link)/accept_ra"
      if try value(setting) == "1" { try set(setting, "2") }
    }
    try set("ipv6/conf/all/forwarding", "1")
  }

  /// Nil where the kernel has no such setting, or none any more: links come and go.
  private func value(_ name: String) throws(SyscallError) -> String? {
    do throws(SyscallError) {
      return String(try Files.text("\(root)/\(name)").prefix { $0 != "\n" })
    } catch {
      guard error.errno == .noSuchFile else { throw error }
      return nil
    }
  }

  /// The file system may be read-only where the value is right already. What the kernel does not have needs no value.
  private func set(_ name: String, _ value: String) throws(SyscallError) {
    guard let now = try self.value(name), now != value else { return }
    do throws(SyscallError) { try Files.write("\(root)/\(name)", value.utf8) } catch {
      guard error.errno == .noSuchFile else { throw error }
    }
  }
}
