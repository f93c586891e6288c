/// Where the subnets of networks come from that ask for none; pure.
struct SubnetPools: Sendable {
  /// A piece of the address space, cut into subnets of one size.
  struct Pool: Sendable, Equatable {
    var base: Subnet
    var size: Int

    /// How many subnets it has.
    var count: UInt32 { 1 << UInt32(max(0, size - base.prefixLength)) }

    func subnet(_ index: UInt32) -> Subnet {
      Subnet(IPv4Address(number: base.base.number + index << UInt32(32 - size)), size)
    }
  }

  var pools: [Pool]

  /// Docker's: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and the fifteen after it.
  static let standard = SubnetPools(
    pools: (17...31).map { Pool(base: Subnet(IPv4Address(number: 172 << 24 | $0 << 16), 16), size: 16) }
      + [Pool(base: Subnet(IPv4Address(number: 192 << 24 | 168 << 16), 16), size: 20)])

  /// The first subnet that overlaps none of `taken`.
  func free(besides taken: [Subnet]) -> Subnet? {
    for pool in pools {
      let near = taken.filter { $0.overlaps(pool.base) }
      for index in 0..<pool.count {
        let subnet = pool.subnet(index)
        if !near.contains(where: { $0.overlaps(subnet) }) { return subnet }
      }
    }
    return nil
  }
}
