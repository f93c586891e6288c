import DockerAPI
import EngineErrors

extension Networks {
  /// The addresses that a container gets in a network: those it asked for, or those it had before, or the lowest free
  /// ones. They stay promised until the caller has recorded them.
  func choose(
    _ wish: EndpointSettings, _ sandbox: SandboxRecord, _ name: String, in network: NetworkRecord,
    _ plan: AddressPlan
  ) async throws(EngineError) -> AddressPair {
    if let former = habits[name, in: network.id], promised[network.id]?.overlaps(former) == true {
      await finish()
    }
    let taken = taken(in: network.id)
    let former = habits[name, in: network.id]
    var chosen = AddressPair()
    let asked = wish.ipamConfig
    if let address = asked?.ipv6Address, !address.isEmpty, sandbox.withoutIPv6 == true {
      throw EngineError(
        .invalidArgument,
        "IPv6 address \(address) is wished for, and net.ipv6.conf.all.disable_ipv6=1 disables IPv6")
    }
    chosen.ipv4 = try Self.address(asked?.ipv4Address, former?.ipv4, taken.ipv4, in: network, plan.ipv4)
    if sandbox.withoutIPv6 != true {
      chosen.ipv6 = try Self.address(asked?.ipv6Address, former?.ipv6, taken.ipv6, in: network, plan.ipv6)
    }
    guard !chosen.texts.isEmpty else {
      throw EngineError(
        .invalidArgument,
        "network \(network.name) has IPv6 alone, and net.ipv6.conf.all.disable_ipv6=1 disables it for \(name)"
      )
    }
    promised[network.id, default: TakenAddresses()].insert(chosen)
    // Somebody may have removed it while links were waited for; whoever connects finds that out later.
    if networks[network.id] != nil { habits.remember(chosen, of: name, in: network.id) }
    return chosen
  }

  /// Nobody else needs to be told any more that these addresses are taken.
  func release(_ addresses: AddressPair, in networkID: String) {
    promised[networkID]?.remove(addresses)
    // Networks come and go: what is empty would stay for ever.
    if promised[networkID]?.isEmpty == true { promised[networkID] = nil }
  }

  private func taken(in networkID: String) -> TakenAddresses {
    var taken = promised[networkID] ?? TakenAddresses()
    for sandbox in sandboxes.values {
      if let link = sandbox.endpoint(in: networkID)?.link { taken.insert(link.addresses) }
    }
    return taken
  }

  /// The address of one family; nil in a network without it.
  private static func address<Address>(
    _ asked: String?, _ former: Address?, _ taken: Set<Address>, in network: NetworkRecord,
    _ addressing: Addressing<Address>?
  ) throws(EngineError) -> Address? {
    if let asked, !asked.isEmpty { return try check(asked, taken, in: network, addressing) }
    guard let addressing else { return nil }
    if let former, addressing.accepts(former, besides: taken) { return former }
    guard let address = addressing.free(besides: taken) else {
      throw EngineError(
        .conflict,
        "no available \(Address.family) addresses on this network's address pools: \(network.name) (\(network.id))"
      )
    }
    return address
  }

  /// An address that the user asked for, in docker's words where it cannot be had.
  private static func check<Address>(
    _ asked: String, _ taken: Set<Address>, in network: NetworkRecord, _ addressing: Addressing<Address>?
  ) throws(EngineError) -> Address {
    guard let address = Address(asked) else {
      throw EngineError(.invalidArgument, "invalid \(Address.family) address: \(asked)")
    }
    guard !network.isPredefined else {
      throw EngineError(
        .invalidArgument, "user specified IP address is supported on user defined networks only")
    }
    guard addressing?.chosenByUser != false else {
      throw EngineError(
        .invalidArgument,
        "user specified IP address is supported only when connecting to networks with user configured subnets"
      )
    }
    guard let addressing, addressing.subnet.contains(address) else {
      throw EngineError(.invalidArgument, "no configured subnet contains IP address \(address)")
    }
    guard !taken.contains(address), address != addressing.gateway, !addressing.subnet.kept.contains(address)
    else {
      throw EngineError(.forbidden, "Address already in use")
    }
    return address
  }
}
