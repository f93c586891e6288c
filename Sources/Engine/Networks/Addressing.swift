/// The addresses of one network.
struct Addressing: Codable, Sendable, Equatable {
  var subnet: Subnet
  var gateway: IPv4Address
  /// Where addresses for containers are taken from; inside the subnet.
  var range: Subnet?
  /// Addresses that the user keeps for other things, by name.
  var auxiliary: [String: IPv4Address] = [:]
  /// Static addresses of containers are allowed only then.
  var chosenByUser = false

  /// Addresses that no container may get.
  var reserved: Set<IPv4Address> {
    var reserved = Set(auxiliary.values).union([gateway])
    if subnet.prefixLength < 31 { reserved.formUnion([subnet.first, subnet.last]) }
    return reserved
  }

  /// Whether a container may get this address without having asked for it.
  func accepts(_ address: IPv4Address, besides taken: Set<IPv4Address>) -> Bool {
    (range ?? subnet).contains(address) && !reserved.contains(address) && !taken.contains(address)
  }

  /// The lowest address that nobody has; nil when the range is full.
  func free(besides taken: Set<IPv4Address>) -> IPv4Address? {
    let range = range ?? subnet
    let reserved = reserved
    var number = range.first.number
    while true {
      let candidate = IPv4Address(number: number)
      if !reserved.contains(candidate) && !taken.contains(candidate) { return candidate }
      guard number < range.last.number else { return nil }
      number += 1
    }
  }
}

/// A name in a network. Who comes back under a name gets the address it had, if that is free: others, nginx for one,
/// look a name up once and keep what they heard.
struct Habit: Hashable, Sendable {
  var network: String
  var name: String
  /// How many are remembered, before all are forgotten.
  static let limit = 10_000
}
