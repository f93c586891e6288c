import EngineErrors
import Linux
import Netlink

/// What the host's network looks like around a bridge.
struct BridgeSurroundings {
  /// What is in use of a family.
  struct Occupied<Address: InternetAddress> {
    /// Subnets in which links of the host are.
    var connected: [Subnetwork<Address>] = []
    /// Those that it reaches by way of others.
    var routed: [Subnetwork<Address>] = []

    /// Notes a subnet that the kernel told, where it is of this family and means something beyond its link.
    fileprivate mutating func note(
      _ bytes: [UInt8], _ prefixLength: UInt8, in list: WritableKeyPath<Self, [Subnetwork<Address>]>
    ) {
      guard bytes.count * 8 == Address.width else { return }
      let address = Address(bytes: bytes)
      if (address as? IPv6Address)?.isLinkLocal == true { return }
      self[keyPath: list].append(Subnetwork(address, Int(prefixLength)))
    }
  }

  private var ipv4 = Occupied<IPv4Address>()
  private var ipv6 = Occupied<IPv6Address>()
  private(set) var uplinkMTU: UInt32 = 1500

  /// - Parameter ipv6: Whether the network has IPv6: only then it is asked what is routed there, or where nothing but that
  ///   tells the way out.
  init(_ session: NetlinkSession, without bridge: Int32?, ipv6 hasIPv6: Bool) throws {
    for address in try session.addresses() where address.link != bridge {
      ipv4.note(address.address, address.prefixLength, in: \.connected)
      ipv6.note(address.address, address.prefixLength, in: \.connected)
    }
    var uplink: Int32?
    func note(_ routes: [Route]) {
      for route in routes where route.link != bridge {
        if route.prefixLength == 0 { uplink = uplink ?? route.link }
        if route.prefixLength > 0 {
          ipv4.note(route.destination, route.prefixLength, in: \.routed)
          ipv6.note(route.destination, route.prefixLength, in: \.routed)
        }
      }
    }
    note(try session.routes())
    if hasIPv6 || uplink == nil, IPv6Address.isInKernel { note(try session.routes(ipv6: true)) }
    let links = try session.links()
    if let link = links.first(where: { $0.index == uplink }) { uplinkMTU = link.mtu }
    // Without a resolv.conf there is no resolver whose address a subnet could hide.
    let resolver = HostResolver((try? Files.text("/etc/resolv.conf")) ?? "")
    ipv4.routed += resolver.servers.compactMap { IPv4Address($0).map { Subnet($0, 32) } }
    ipv6.routed += resolver.servers.compactMap { IPv6Address($0).map { IPv6Subnet($0, 128) } }
  }

  /// The network's subnets, chosen where it has none yet.
  func plan(
    for network: NetworkRecord, _ defaults: NetworkDefaults, taken: TakenSubnets, mayMove: Bool
  ) throws(EngineError) -> AddressPlan {
    var plan = AddressPlan()
    if network.hasIPv4 {
      plan.ipv4 = try ipv4.addressing(
        network.addressing, defaults.pools, taken.ipv4, mayMove: mayMove, network.name)
    }
    if network.hasIPv6 {
      plan.ipv6 = try ipv6.addressing(
        network.addressing6, defaults.pools6, taken.ipv6, mayMove: mayMove, network.name)
    }
    return plan
  }
}

extension BridgeSurroundings.Occupied {
  fileprivate func addressing(
    _ current: Addressing<Address>?, _ pools: SubnetPools<Address>, _ taken: [Subnetwork<Address>],
    mayMove: Bool, _ network: String
  ) throws(EngineError) -> Addressing<Address> {
    if let current {
      guard let other = connected.first(where: { $0.overlaps(current.subnet) }) else { return current }
      if current.chosenByUser || !mayMove {
        throw EngineError(
          .forbidden,
          "cannot create network \(network): \(current.subnet) overlaps \(other), which another link of this host has"
        )
      }
    }
    guard let subnet = pools.free(besides: taken + connected + routed) else {
      throw EngineError(.internal, "all predefined address pools have been fully subnetted")
    }
    return Addressing(subnet: subnet, gateway: subnet.second)
  }
}
