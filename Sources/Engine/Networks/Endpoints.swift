import EngineErrors
import Linux
import Netlink

/// The links between a sandbox and its networks. Functions block for about a millisecond.
extension Bridges {
  /// Plugs a sandbox into a bridge.
  func plug(
    _ link: EndpointLink, into bridge: Bridge, sandbox path: String, _ inside: NetlinkSession
  ) throws(EngineError) {
    try failing(.internal, "plug \(link.guestName) into the network") {
      let namespace = try FileDescriptor.open(path, [.readOnly])
      guard let mac = MACAddress(link.macAddress) else {
        throw EngineError(.invalidArgument, "invalid MAC address: \(link.macAddress)")
      }
      let peer = NetlinkRequest.Peer(
        name: link.guestName, namespace: namespace.rawValue, macAddress: mac.bytes)
      if let mode = bridge.mode {
        try session.run(.addMacvlan(peer, parent: bridge.index, mtu: bridge.mtu, mode: mode))
      } else if let hostName = link.hostName {
        try session.run([
          .addVeth(hostName, mtu: bridge.mtu, master: bridge.index, peer: peer), .setHairpin(hostName),
        ])
      }
      do {
        guard let index = try inside.link(link.guestName)?.index else {
          throw EngineError(.internal, "\(link.guestName) did not arrive in the sandbox")
        }
        if link.address6 != nil { try NetworkNamespace.allowIPv6(on: link.guestName, in: path) }
        try inside.run(bridge.plan.requests(link.addresses, on: index) + [.setUp(index)])
      } catch {
        try delete(link, inside: inside)
        throw error
      }
    }
  }

  /// Leads a sandbox' traffic to everywhere over its links, as far as that is not so already.
  func route(
    _ inside: NetlinkSession, from old: DefaultRoutes, to new: DefaultRoutes
  ) throws(EngineError) {
    try failing(.internal, "set the default route") {
      if new.ipv4 != old.ipv4 { try Self.route(inside, new.ipv4, ipv6: false) }
      if new.ipv6 != old.ipv6 { try Self.route(inside, new.ipv6, ipv6: true) }
    }
  }

  private static func route(_ inside: NetlinkSession, _ route: DefaultRoutes.Route?, ipv6: Bool) throws {
    if let route, let index = try inside.link(route.link)?.index {
      return try inside.run(.setDefaultRoute(gateway: route.gateway, link: index))
    }
    do throws(NetlinkError) { try inside.run(.deleteDefaultRoute(ipv6: ipv6)) } catch
    // It has gone with its link, and perhaps with everything of the family.
      where [.noSuchProcess, .noSuchFile].contains(error.errno)
    {}
  }
}
