import DockerAPI
import EngineErrors

extension AddressPlan {
  /// What the request says of the families that the network has, checked with docker's words; nil where it leaves a
  /// choice to us.
  init(_ ipam: IPAM?, ipv4: Bool, ipv6: Bool) throws(EngineError) {
    self.init()
    guard let ipam else { return }
    guard ["", "default"].contains(ipam.driver) else {
      throw EngineError(
        .notFound, "could not find plugin \(ipam.driver): only the default IPAM driver is there")
    }
    var complaints: [String] = []
    for config in (ipam.config ?? []) where !config.saysNothing {
      guard let subnet = config.subnet, !subnet.isEmpty else {
        throw EngineError(.invalidArgument, "no matching subnet: a gateway or an ip-range needs a subnet")
      }
      if subnet.contains(":") {
        guard ipv6 else { continue }
        try Self.oneOnly(self.ipv6)
        self.ipv6 = Addressing(config, &complaints)
      } else {
        guard ipv4 else { continue }
        try Self.oneOnly(self.ipv4)
        self.ipv4 = Addressing(config, &complaints)
      }
      guard complaints.isEmpty else {
        throw EngineError(
          .invalidArgument, "invalid network config:\n\(complaints.joined(separator: "\n"))")
      }
    }
  }

  private static func oneOnly<Address>(_ former: Addressing<Address>?) throws(EngineError) {
    guard former == nil else {
      throw EngineError(.invalidArgument, "bridge driver doesn't support multiple subnets")
    }
  }

  /// What to warn of: subnets of a family that the network does not have. Empty where there are none.
  static func leftOut(_ ipam: IPAM?, ipv4: Bool, ipv6: Bool) -> String {
    let subnets = (ipam?.config ?? []).compactMap(\.subnet).filter { !$0.isEmpty }
    return subnets.filter { $0.contains(":") ? !ipv6 : !ipv4 }
      .map {
        "subnet \($0) was left out: \($0.contains(":") ? "IPv6" : "IPv4") is not enabled for this network"
      }
      .joined(separator: "; ")
  }
}

extension IPAMConfig {
  fileprivate var saysNothing: Bool {
    [subnet, gateway, ipRange].allSatisfy { $0 ?? "" == "" } && (auxiliaryAddresses ?? [:]).isEmpty
  }
}

extension Addressing {
  /// What a user wants of one family; nil where there is something to complain about.
  fileprivate init?(_ config: IPAMConfig, _ complaints: inout [String]) {
    let text = config.subnet ?? ""
    guard let (address, prefix) = Subnetwork<Address>.parse(text) else {
      complaints.append("invalid subnet \(text): invalid CIDR block notation")
      return nil
    }
    let subnet = Subnetwork(address, prefix)
    if address != subnet.base { complaints.append("invalid subnet \(text): it should be \(subnet)") }
    guard (1...Address.width - 2).contains(prefix) else {
      complaints.append("invalid subnet \(text): its prefix must be of 1 to \(Address.width - 2) bits")
      return nil
    }
    let range = Self.range(config.ipRange ?? "", in: subnet, &complaints)
    // Docker takes the range's first address where there is a range.
    var gateway = range.map { $0.base == subnet.base ? subnet.second : $0.base } ?? subnet.second
    if let wanted = Self.address(
      config.gateway ?? "", "gateway", config.gateway ?? "", in: subnet, &complaints)
    {
      gateway = wanted
      if subnet.kept.contains(wanted) {
        complaints.append("invalid gateway \(wanted): \(subnet) keeps this address for itself")
      }
    }
    var auxiliary: [String: Address] = [:]
    for (name, text) in (config.auxiliaryAddresses ?? [:]).sorted(by: { $0.key < $1.key }) {
      auxiliary[name] = Self.address(text, "auxiliary address", name, in: subnet, &complaints)
    }
    guard complaints.isEmpty else { return nil }
    self.init(subnet: subnet, gateway: gateway, range: range, auxiliary: auxiliary, chosenByUser: true)
  }

  private static func range(
    _ text: String, in subnet: Subnetwork<Address>, _ complaints: inout [String]
  ) -> Subnetwork<Address>? {
    guard !text.isEmpty else { return nil }
    let before = complaints.count
    func complain(_ why: String) { complaints.append("invalid ip-range \(text): \(why)") }
    guard let (address, prefix) = Subnetwork<Address>.parse(text) else {
      let isOther = Subnet(text) != nil || IPv6Subnet(text) != nil
      complain(isOther ? "parent subnet is an \(Address.family) block" : "invalid CIDR block notation")
      return nil
    }
    let range = Subnetwork(address, prefix)
    if prefix < subnet.prefixLength { complain("CIDR block is bigger than its parent subnet \(subnet)") }
    if address != range.base { complain("it should be \(range)") }
    if !subnet.overlaps(range) { complain("parent subnet \(subnet) doesn't contain ip-range") }
    return complaints.count == before ? range : nil
  }

  /// An address that must lie in the subnet; nil where there is none, or a complaint.
  private static func address(
    _ text: String, _ what: String, _ name: String, in subnet: Subnetwork<Address>,
    _ complaints: inout [String]
  ) -> Address? {
    guard !text.isEmpty else { return nil }
    func complain(_ why: String) { complaints.append("invalid \(what) \(name): \(why)") }
    guard let address = Address(text) else {
      complain(HostAddress(text) == nil ? "invalid address" : "parent subnet is an \(Address.family) block")
      return nil
    }
    guard subnet.contains(address) else {
      complain("parent subnet \(subnet) doesn't contain this address")
      return nil
    }
    return address
  }
}
