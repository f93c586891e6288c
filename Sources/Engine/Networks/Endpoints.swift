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
      try session.run([
        .addVeth(link.hostName, mtu: bridge.mtu, master: bridge.index, peer: peer),
        .setHairpin(link.hostName),
      ])
      do {
        guard let index = try inside.link(link.guestName)?.index else {
          throw EngineError(.internal, "\(link.guestName) did not arrive in the sandbox")
        }
        let prefix = UInt8(bridge.addressing.subnet.prefixLength)
        try inside.run([.addAddress(link.address.bytes, prefixLength: prefix, link: index), .setUp(index)])
      } catch {
        try delete(link: link.hostName)
        throw error
      }
    }
  }

  /// Leads a sandbox' traffic to everywhere over one of its links; nil: nowhere.
  func route(_ inside: NetlinkSession, over way: (gateway: IPv4Address, link: String)?) throws(EngineError) {
    try failing(.internal, "set the default route") {
      if let way, let index = try inside.link(way.link)?.index {
        try inside.run(.setDefaultRoute(gateway: way.gateway.bytes, link: index))
      } else {
        do throws(NetlinkError) { try inside.run(.deleteDefaultRoute()) } catch
          where error.errno == .noSuchProcess
        {}
      }
    }
  }
}
