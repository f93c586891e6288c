import Hashing

/// Where the subnets of networks come from that ask for none; pure.
struct SubnetPools<Address: InternetAddress>: Sendable {
  /// A piece of the address space, cut into subnets of one size.
  struct Pool: Sendable, Equatable {
    var base: Subnetwork<Address>
    /// The length of the subnets' prefixes, not shorter than the base's.
    var size: Int

    /// The first subnet that overlaps none of `taken`. Asks as many times as there are taken ones, however many
    /// subnets the pool has.
    fileprivate func free(besides taken: [Subnetwork<Address>]) -> Subnetwork<Address>? {
      var candidate = Subnetwork(base.base, size)
      while let other = taken.first(where: { $0.overlaps(candidate) }) {
        let last = max(other.last.number, candidate.last.number)
        guard last < base.last.number else { return nil }
        candidate = Subnetwork(Address(number: last + 1), size)
      }
      return candidate
    }
  }

  var pools: [Pool]

  /// The first subnet that overlaps none of `taken`.
  func free(besides taken: [Subnetwork<Address>]) -> Subnetwork<Address>? {
    for pool in pools {
      if let free = pool.free(besides: taken) { return free }
    }
    return nil
  }
}

extension SubnetPools<IPv4Address> {
  /// Docker's: 172.17.0.0/16 to 172.31.0.0/16, then 192.168.0.0/20 and the fifteen after it.
  static var standard: SubnetPools {
    SubnetPools(
      pools: (17...31).map { Pool(base: Subnet(IPv4Address(number: 172 << 24 | $0 << 16), 16), size: 16) }
        + [Pool(base: Subnet(IPv4Address(number: 192 << 24 | 168 << 16), 16), size: 20)])
  }
}

extension SubnetPools<IPv6Address> {
  /// As docker has it: one prefix of 48 bits among those that are for everybody's own use (RFC 4193), in subnets of
  /// 64. Its 40 bits follow from what tells this engine from others, so that two hosts which are joined one day do
  /// not collide.
  static func unique(to identity: String) -> SubnetPools {
    let hash = SHA256()
    hash.update(Array(identity.utf8))
    let prefix = IPv6Address(number: IPv6Address(bytes: [0xfd] + hash.finish()[3..<8]).number << 80)
    return SubnetPools(pools: [Pool(base: IPv6Subnet(prefix, 48), size: 64)])
  }
}
