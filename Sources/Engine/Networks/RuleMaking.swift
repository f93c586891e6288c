import EngineErrors
import Linux
import Reactor

extension Networks {
  /// The rules that networks and published ports ask for now.
  func wantedRules(_ family: RuleSet.Family) -> RuleSet {
    var rules = RuleSet(table: defaults.table, family)
    for (id, bridge) in standing {
      guard let network = networks[id], network.driver == .bridge else { continue }
      let subnet =
        family == .ipv4 ? bridge.plan.ipv4?.subnet.description : bridge.plan.ipv6?.subnet.description
      // The IPv4 rules know every bridge: they are the ones that other firewalls' chains for both families follow.
      guard subnet != nil || family == .ipv4 else { continue }
      rules.add(
        bridge: network.bridge, subnet: subnet, allowsInside: network.allowsTrafficInside,
        isInternal: network.isInternal, masquerades: network.masquerades)
    }
    for sandbox in sandboxes.values where !sandbox.ports.isEmpty {
      let ways = ways(of: sandbox, forPorts: true)
      let address =
        family == .ipv4 ? ways.ipv4?.link.address?.description : ways.ipv6?.link.address6?.description
      guard let address else { continue }
      for port in sandbox.ports { rules.publish(port, to: address) }
    }
    return rules
  }

  /// Makes the kernel's rules those that are wanted.
  /// - Parameter asking: What the kernel has is asked for first, because an earlier engine may have left it.
  func applyRules(asking: Bool = false) async throws(EngineError) {
    let wanted = RuleSet.Family.allCases.map(wantedRules)
    let rules = rules
    rulesVersion += 1
    let version = rulesVersion
    try await blocking { () throws(EngineError) in try rules.set(wanted, version: version, asking: asking) }
  }

  /// Takes all rules away.
  func removeRules() async throws(EngineError) {
    let rules = rules
    try await blocking { () throws(EngineError) in try rules.remove() }
  }
}
