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
    var plan: AddressPlan
    /// It is no bridge, but a link of the host that containers' links share in this way.
    var mode: NetlinkRequest.MacvlanMode?
  }

  /// Makes the network's bridge, or completes the one that is there. A network without a subnet gets a free one.
  /// - Parameter taken: Subnets that this engine's other networks have, with bridge or without.
  /// - Parameter mayMove: Nobody is in the network: where its subnet was our choice and somebody else has it by now,
  ///   it gets another one.
  func ensure(
    _ network: NetworkRecord, taken: TakenSubnets, mayMove: Bool = false
  ) throws(EngineError) -> Bridge {
    guard !network.hasIPv6 || IPv6Address.isInKernel else {
      throw EngineError(
        .unavailable,
        "network \(network.name) cannot have IPv6: the kernel of this host runs without it (ipv6.disable=1?)")
    }
    return try failing(.internal, "network \(network.name)") {
      // Another engine must not choose the same subnet between our look and our bridge.
      let lock = try FileDescriptor.open(defaults.lockPath, [.readWrite, .create], mode: 0o600)
      _ = try lock.lock()
      if network.driver == .macvlan { return try parent(of: network, taken: taken) }
      let existing = try session.link(network.bridge)
      let surroundings = try BridgeSurroundings(session, without: existing?.index, ipv6: network.hasIPv6)
      let plan = try surroundings.plan(
        for: network, defaults, taken: taken, mayMove: mayMove && existing == nil)
      let mtu =
        try network.options[NetworkRecord.Option.mtu].map(Self.mtu) ?? defaults.mtu ?? surroundings.uplinkMTU
      if existing == nil {
        let mac = MACAddress(AddressPair(ipv4: plan.ipv4?.gateway, ipv6: plan.ipv6?.gateway))
        try session.run(.addBridge(network.bridge, mtu: mtu, macAddress: mac.bytes))
      }
      guard let link = try session.link(network.bridge) else {
        throw EngineError(.internal, "bridge \(network.bridge) vanished while it was made")
      }
      guard link.kind == "bridge" else {
        throw EngineError(.conflict, "link \(network.bridge) of the host exists and is no bridge")
      }
      do {
        try HostForwarding().configure(network.bridge, ipv6: plan.ipv6 != nil)
        try session.run(plan.gateways(on: link.index) + [.setUp(link.index)])
      } catch {
        if existing == nil { try session.run(.delete(link: network.bridge)) }
        throw error
      }
      return Bridge(index: link.index, mtu: link.mtu, plan: plan)
    }
  }

  /// The link that a macvlan network shares, with the network's addresses, which may be those of the link's own wire.
  private func parent(of network: NetworkRecord, taken: TakenSubnets) throws -> Bridge {
    let (name, mode) = try network.macvlan()
    guard let link = try session.link(name) else {
      throw EngineError(
        .invalidArgument, "the requested parent interface \(name) was not found on the Docker host")
    }
    let plan = try BridgeSurroundings(session, without: link.index, ipv6: network.hasIPv6)
      .plan(for: network, defaults, taken: taken, mayMove: false)
    return Bridge(index: link.index, mtu: link.mtu, plan: plan, mode: mode)
  }

  /// Deletes a link of the host; one that is not there is fine.
  func delete(link name: String) throws(EngineError) { try Self.delete(name, in: session) }

  /// Deletes a container's link; one that is not there is fine.
  /// - Parameter inside: The sandbox' conversation, needed for a link of which nothing is on the host.
  func delete(_ link: EndpointLink, inside: NetlinkSession?) throws(EngineError) {
    if let name = link.hostName {
      try delete(link: name)
    } else if let inside {
      try Self.delete(link.guestName, in: inside)
    }
  }

  private static func delete(_ name: String, in session: NetlinkSession) throws(EngineError) {
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
}

extension AddressPlan {
  /// Gives a bridge the gateways' addresses.
  fileprivate func gateways(on link: Int32) -> [NetlinkRequest] {
    [ipv4.map { $0.request($0.gateway, on: link) }, ipv6.map { $0.request($0.gateway, on: link) }]
      .compactMap { $0 }
  }

  /// Gives a container's link its addresses.
  func requests(_ addresses: AddressPair, on link: Int32) -> [NetlinkRequest] {
    var requests: [NetlinkRequest] = []
    if let ipv4, let address = addresses.ipv4 { requests.append(ipv4.request(address, on: link)) }
    if let ipv6, let address = addresses.ipv6 { requests.append(ipv6.request(address, on: link)) }
    return requests
  }
}

extension Addressing {
  /// Nobody else gets our addresses: the kernel need not look for a second holder before a server may bind to one.
  fileprivate func request(_ address: Address, on link: Int32) -> NetlinkRequest {
    .addAddress(address.bytes, prefixLength: UInt8(subnet.prefixLength), link: link, unverified: true)
  }
}
