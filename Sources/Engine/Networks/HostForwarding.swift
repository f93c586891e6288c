import EngineErrors
import Linux

/// What a bridge asks of the host's kernel besides itself (Documentation/networking/ip-sysctl.rst).
enum HostForwarding {
  private static let root = "/proc/sys/net"

  /// Forwarding, published ports from 127.0.0.1, and no IPv6 that nobody asked for.
  static func configure(_ bridge: String, ipv6: Bool) throws {
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
  private static func forwardIPv6() throws {
    let links = "\(root)/ipv6/conf"
    guard try Files.text("\(links)/all/forwarding") != "1\n" else { return }
    for link in try Files.names(in: links) where !["all", "default"].contains(link) {
      if try Files.text("\(links)/\(link)/accept_ra") == "1\n" { try set("ipv6/conf/\(link)/accept_ra", "2") }
    }
    try set("ipv6/conf/all/forwarding", "1")
  }

  /// The file system may be read-only where the value is right already. What the kernel does not have needs no value.
  private static func set(_ name: String, _ value: String) throws(SyscallError) {
    let path = "\(root)/\(name)"
    if Files.exist(path), try Files.text(path) != value + "\n" { try Files.write(path, value.utf8) }
  }
}
