import EngineErrors
import Linux
import Netlink

/// The bridges on the host and what is plugged into them. Functions block for about a millisecond.
final class Bridges: Sendable {
  let session: NetlinkSession
  private let defaults: NetworkDefaults

  init(_ defaults: NetworkDefaults) throws(EngineError) {
    self.defaults = defaults
    session = try failing(.internal, "open the host's network") { try NetlinkSession() }
  }

  /// A bridge as the kernel has it.
  struct Bridge: Sendable, Equatable {
    var index: Int32
    var mtu: UInt32
    var addressing: Addressing
  }

  /// Makes the network's bridge, or completes the one that is there. A network without a subnet gets a free one.
  /// - Parameter taken: Subnets that this engine's other networks have, with bridge or without.
  /// - Parameter mayMove: Nobody is in the network: where its subnet was our choice and somebody else has it by now,
  ///   it gets another one.
  func ensure(_ network: NetworkRecord, taken: [Subnet], mayMove: Bool = false) throws(EngineError) -> Bridge
  {
    try failing(.internal, "network \(network.name)") {
      // Another engine must not choose the same subnet between our look and our bridge.
      let lock = try FileDescriptor.open(defaults.lockPath, [.readWrite, .create], mode: 0o600)
      _ = try lock.lock()
      let existing = try session.link(network.bridge)
      let surroundings = try Surroundings(session, without: existing?.index)
      let mayMove = mayMove && existing == nil
      let addressing = try surroundings.addressing(
        for: network, pools: defaults.pools, taken: taken, mayMove: mayMove)
      let mtu =
        try network.options[NetworkRecord.Option.mtu].map(Self.mtu) ?? defaults.mtu ?? surroundings.uplinkMTU
      if existing == nil {
        try session.run(
          .addBridge(network.bridge, mtu: mtu, macAddress: MACAddress(addressing.gateway).bytes))
      }
      guard let link = try session.link(network.bridge) else {
        throw EngineError(.internal, "bridge \(network.bridge) vanished while it was made")
      }
      guard link.kind == "bridge" else {
        throw EngineError(.conflict, "link \(network.bridge) of the host exists and is no bridge")
      }
      do {
        try session.run([
          .addAddress(
            addressing.gateway.bytes, prefixLength: UInt8(addressing.subnet.prefixLength), link: link.index),
          .setUp(link.index),
        ])
        try Self.configure(network.bridge)
      } catch {
        if existing == nil { try session.run(.delete(link: network.bridge)) }
        throw error
      }
      return Bridge(index: link.index, mtu: link.mtu, addressing: addressing)
    }
  }

  /// Deletes a link of the host; one that is not there is fine.
  func delete(link name: String) throws(EngineError) {
    try failing(.internal, "delete link \(name)") { try session.runWherePresent([.delete(link: name)]) }
  }

  /// Deletes links of the host at once; those that are not there are fine.
  func delete(links names: [String]) throws(EngineError) {
    try failing(.internal, "delete \(names.count) links") {
      try session.runWherePresent(names.map { .setGroup($0, defaults.linkGroup) })
      try session.runWherePresent([.delete(group: defaults.linkGroup)])
    }
  }

  static func mtu(_ text: String) throws(EngineError) -> UInt32 {
    guard let mtu = UInt32(text), (68...65535).contains(mtu) else {
      throw EngineError(.invalidArgument, "invalid value \"\(text)\" for \(NetworkRecord.Option.mtu)")
    }
    return mtu
  }

  /// Forwarding, published ports from 127.0.0.1, and no IPv6 that nobody asked for.
  private static func configure(_ bridge: String) throws(SyscallError) {
    let wanted = [
      ("/proc/sys/net/ipv4/ip_forward", "1"), ("/proc/sys/net/ipv4/conf/\(bridge)/route_localnet", "1"),
      ("/proc/sys/net/ipv6/conf/\(bridge)/disable_ipv6", "1"),
    ]
    for (path, value) in wanted where Files.exist(path) {
      // The file system may be read-only where the value is right already.
      if try Files.text(path) != value + "\n" { try Files.write(path, value.utf8) }
    }
  }

  /// What the host's network looks like around a bridge.
  private struct Surroundings {
    var connected: [Subnet] = []
    var routed: [Subnet] = []
    var uplinkMTU: UInt32 = 1500

    init(_ session: NetlinkSession, without bridge: Int32?) throws {
      for address in try session.addresses() where address.address.count == 4 && address.link != bridge {
        connected.append(Subnet(IPv4Address(bytes: address.address), Int(address.prefixLength)))
      }
      var uplink: Int32?
      for route in try session.routes() where route.link != bridge {
        if route.prefixLength == 0 { uplink = uplink ?? route.link }
        if route.prefixLength > 0 {
          routed.append(Subnet(IPv4Address(bytes: route.destination), Int(route.prefixLength)))
        }
      }
      let links = try session.links()
      if let link = links.first(where: { $0.index == uplink }) { uplinkMTU = link.mtu }
      // Without a resolv.conf there is no resolver whose address a subnet could hide.
      let resolver = HostResolver((try? Files.text("/etc/resolv.conf")) ?? "")
      routed += resolver.servers.compactMap { IPv4Address($0).map { Subnet($0, 32) } }
    }

    func addressing(
      for network: NetworkRecord, pools: SubnetPools, taken: [Subnet], mayMove: Bool
    ) throws(EngineError) -> Addressing {
      if let addressing = network.addressing {
        guard let other = connected.first(where: { $0.overlaps(addressing.subnet) }) else {
          return addressing
        }
        if addressing.chosenByUser || !mayMove {
          throw EngineError(
            .forbidden,
            "cannot create network \(network.name): \(addressing.subnet) overlaps \(other), which another link of this host has"
          )
        }
      }
      guard let subnet = pools.free(besides: taken + connected + routed) else {
        throw EngineError(.internal, "all predefined address pools have been fully subnetted")
      }
      return Addressing(subnet: subnet, gateway: IPv4Address(number: subnet.first.number + 1))
    }
  }
}

extension IPv4Address {
  /// From 4 bytes in network order.
  init(bytes: [UInt8]) { self.init(number: bytes.reduce(0) { $0 << 8 | UInt32($1) }) }
}
