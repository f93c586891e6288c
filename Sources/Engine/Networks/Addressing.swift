/// The addresses of one family in one network.
struct Addressing<Address: InternetAddress>: Codable, Sendable, Equatable {
  var subnet: Subnetwork<Address>
  var gateway: Address
  /// Where addresses for containers are taken from; inside the subnet.
  var range: Subnetwork<Address>?
  /// Addresses that the user keeps for other things, by name.
  var auxiliary: [String: Address] = [:]
  /// Static addresses of containers are allowed only then.
  var chosenByUser = false

  /// Addresses that no container gets without having asked.
  var reserved: Set<Address> { subnet.kept.union(auxiliary.values).union([gateway]) }

  /// Whether a container may get this address without having asked for it.
  func accepts(_ address: Address, besides taken: Set<Address>) -> Bool {
    (range ?? subnet).contains(address) && !reserved.contains(address) && !taken.contains(address)
  }

  /// The lowest address that nobody has; nil when the range is full.
  func free(besides taken: Set<Address>) -> Address? {
    let range = range ?? subnet
    let reserved = reserved
    var number = range.first.number
    while true {
      let candidate = Address(number: number)
      if !reserved.contains(candidate) && !taken.contains(candidate) { return candidate }
      guard number < range.last.number else { return nil }
      number += 1
    }
  }
}

/// The addresses of a network; one of the families may be missing, and both are where none is given out.
struct AddressPlan: Codable, Sendable, Equatable {
  var ipv4: Addressing<IPv4Address>?
  var ipv6: Addressing<IPv6Address>?
}

/// The subnets that others have.
struct TakenSubnets: Sendable {
  var ipv4: [Subnet]
  var ipv6: [IPv6Subnet]

  init(_ networks: some Sequence<NetworkRecord>) {
    ipv4 = networks.compactMap { $0.addressing?.subnet }
    ipv6 = networks.compactMap { $0.addressing6?.subnet }
  }

  func overlap(_ plan: AddressPlan) -> Bool {
    ipv4.contains { plan.ipv4?.subnet.overlaps($0) == true }
      || ipv6.contains { plan.ipv6?.subnet.overlaps($0) == true }
  }
}

/// What a container is reached by in a network.
struct AddressPair: Codable, Sendable, Equatable {
  var ipv4: IPv4Address?
  var ipv6: IPv6Address?

  /// As text, IPv4 first.
  var texts: [String] { [ipv4?.description, ipv6?.description].compactMap { $0 } }
}

/// Addresses of a network that somebody has.
struct TakenAddresses: Sendable {
  var ipv4: Set<IPv4Address> = []
  var ipv6: Set<IPv6Address> = []

  var isEmpty: Bool { ipv4.isEmpty && ipv6.isEmpty }

  mutating func insert(_ pair: AddressPair) {
    if let address = pair.ipv4 { ipv4.insert(address) }
    if let address = pair.ipv6 { ipv6.insert(address) }
  }

  mutating func remove(_ pair: AddressPair) {
    if let address = pair.ipv4 { ipv4.remove(address) }
    if let address = pair.ipv6 { ipv6.remove(address) }
  }

  func overlaps(_ pair: AddressPair) -> Bool {
    pair.ipv4.map(ipv4.contains) == true || pair.ipv6.map(ipv6.contains) == true
  }
}

/// The addresses that names had in the networks that stand. Who comes back under a name gets them again, if they are free:
/// others, nginx for one, look a name up once and keep what they heard.
struct Habits: Sendable {
  /// How many names of one network are remembered, before all of them are forgotten: twice as many as a bridge of the
  /// kernel has ports.
  static let limit = 2048

  /// By network and name.
  private var addresses: [String: [String: AddressPair]] = [:]

  /// How many names are remembered, in all networks.
  var count: Int { addresses.values.reduce(0) { $0 + $1.count } }

  subscript(name: String, in network: String) -> AddressPair? { addresses[network]?[name] }

  mutating func remember(_ pair: AddressPair, of name: String, in network: String) {
    if addresses[network]?.count == Self.limit, addresses[network]?[name] == nil { forget(network) }
    addresses[network, default: [:]][name] = pair
  }

  /// Forgets a whole network.
  mutating func forget(_ network: String) { addresses[network] = nil }
}
