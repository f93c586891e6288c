import EngineErrors
import Firewall
import Linux
import Synchronization

/// The kernel's rules, kept equal to the latest rule sets that were given.
final class Rules: Sendable {
  /// Of one family.
  private struct State {
    /// What the kernel has, as far as we know.
    var installed: RuleSet?
    var version: UInt64 = 0
    /// The bridges that other tables let pass.
    var passing: Set<String> = []
  }

  /// The chains of all tables, asked for at the first use and once.
  private struct Chains {
    private var listing: String?

    mutating func list() throws(FirewallError) -> String {
      if let listing { return listing }
      let listing = try Firewall.apply(Passages.question)
      self.listing = listing
      return listing
    }
  }

  private typealias States = [RuleSet.Family: State]

  private let states = Mutex(States())
  private let table: String

  init(table: String) { self.table = table }

  /// Changes what differs. Where the kernel does not have what we believe (somebody flushed the rules), everything
  /// is installed anew. A version older than one that was set changes nothing. IPv6 rules for no bridge at all are
  /// taken away, for most hosts need none. Blocks for about a millisecond.
  /// - Parameter asking: What the kernel has is asked for first, because an earlier engine may have left it.
  func set(_ all: [RuleSet], version: UInt64, asking: Bool = false) throws(EngineError) {
    try states.withLock { states throws(EngineError) in
      var chains = Chains()
      for rules in all where version > states[rules.family, default: State()].version {
        try failing(.internal, "setting the firewall's rules") {
          if rules.family == .ipv6, rules.bridges.isEmpty {
            states[.ipv6, default: State()].version = version
            if asking || states[.ipv6]?.installed != nil { try remove([.ipv6], &states, &chains) }
          } else {
            try install(rules, asking: asking, &states[rules.family, default: State()], &chains)
            states[rules.family]?.version = version
          }
        }
      }
    }
  }

  private func install(
    _ rules: RuleSet, asking: Bool, _ state: inout State, _ chains: inout Chains
  ) throws(FirewallError) {
    if asking { state.installed = found(rules.family) }
    if let installed = state.installed {
      let changes = rules.changes(from: installed)
      if changes.isEmpty, !asking { return }
      do throws(FirewallError) {
        if !changes.isEmpty { try Firewall.apply(changes) }
        state.installed = rules
        return openPassages(rules.family, rules.bridges, always: asking, &state, &chains)
      } catch {
        Log.warning("the firewall's table \(table) is not as it was left, making it anew: \(error)")
      }
    }
    state.installed = nil
    try Firewall.apply(rules.installation)
    state.installed = rules
    openPassages(rules.family, rules.bridges, always: true, &state, &chains)
  }

  /// What an earlier engine left; nil where that is nothing, or not what we would install.
  private func found(_ family: RuleSet.Family) -> RuleSet? {
    do throws(FirewallError) {
      return RuleSet(
        table: table, family, listing: try Firewall.apply(RuleSet.question(table, family)))
    } catch {
      Log.debug("no table \(table) yet: \(error)")
      return nil
    }
  }

  /// Takes everything away, also what an earlier engine left.
  func remove() throws(EngineError) {
    try states.withLock { states throws(EngineError) in
      var chains = Chains()
      try failing(.internal, "removing the firewall's rules") {
        try remove(RuleSet.Family.allCases, &states, &chains)
      }
    }
  }

  private func remove(
    _ families: [RuleSet.Family], _ states: inout States, _ chains: inout Chains
  ) throws(FirewallError) {
    let listing = try chains.list()
    let standing = families.filter { Passages.has(table, $0, in: listing) }
    for family in families { states[family, default: State()].installed = nil }
    if !standing.isEmpty {
      try Firewall.apply(standing.map { RuleSet.removal(of: table, $0) }.joined())
    }
    for family in families {
      openPassages(family, [], always: true, &states[family, default: State()], &chains)
    }
  }

  /// Makes other tables' chains that drop by policy let our bridges' packets pass. What they refuse is told only:
  /// their owner may know why.
  private func openPassages(
    _ family: RuleSet.Family, _ bridges: Set<String>, always: Bool, _ state: inout State,
    _ chains: inout Chains
  ) {
    guard always || bridges != state.passing else { return }
    state.passing = bridges
    do throws(FirewallError) {
      for chain in Passages.strictChains(in: try chains.list(), besides: table, family) {
        let listing = try Firewall.apply(chain.question, handles: true)
        let changes = Passages.changes(of: chain, listing, bridges: bridges, mark: table)
        if !changes.isEmpty { try Firewall.apply(changes) }
      }
    } catch { Log.warning("another firewall may drop what containers send: \(error)") }
  }
}
