import EngineErrors
import Firewall
import Linux
import Synchronization

/// The kernel's rules, kept equal to the latest rule set that was given.
final class Rules: Sendable {
  private struct State {
    /// What the kernel has, as far as we know.
    var installed: RuleSet?
    var version: UInt64 = 0
    /// The bridges that other tables let pass.
    var passing: Set<String> = []
  }

  private let state = Mutex(State())
  private let table: String
  private let family: RuleSet.Family
  private let firewall: Firewall

  init(table: String, _ family: RuleSet.Family, _ firewall: Firewall) {
    self.table = table
    self.family = family
    self.firewall = firewall
  }

  /// Changes what differs. Where the kernel does not have what we believe (somebody flushed the rules), everything
  /// is installed anew. A version older than one that was set changes nothing. IPv6 rules for no bridge at all are
  /// taken away, for most hosts need none. Blocks for about a millisecond.
  /// - Parameter asking: What the kernel has is asked for first, because an earlier engine may have left it.
  func set(_ rules: RuleSet, version: UInt64, asking: Bool = false) throws(EngineError) {
    try state.withLock { state throws(EngineError) in
      guard version > state.version else { return }
      if family == .ipv6, rules.bridges.isEmpty {
        state.version = version
        if state.installed != nil || asking { try remove(&state) }
        return
      }
      try failing(.internal, "setting the firewall's rules") {
        if asking { state.installed = found() }
        if let installed = state.installed {
          let changes = rules.changes(from: installed)
          if changes.isEmpty, !asking { return state.version = version }
          do throws(FirewallError) {
            if !changes.isEmpty { try firewall.apply(changes) }
            (state.installed, state.version) = (rules, version)
            openPassages(&state, rules.bridges, always: asking)
            return
          } catch {
            Log.warning("the firewall's table \(table) is not as it was left, making it anew: \(error)")
          }
        }
        state.installed = nil
        try firewall.apply(rules.installation)
        (state.installed, state.version) = (rules, version)
        openPassages(&state, rules.bridges, always: true)
      }
    }
  }

  /// What an earlier engine left; nil where that is nothing, or not what we would install.
  private func found() -> RuleSet? {
    do throws(FirewallError) {
      return RuleSet(
        table: table, family, listing: try firewall.apply(RuleSet.question(table, family)))
    } catch {
      Log.debug("no table \(table) yet: \(error)")
      return nil
    }
  }

  /// Takes the whole table away.
  func remove() throws(EngineError) {
    try state.withLock { state throws(EngineError) in try remove(&state) }
  }

  private func remove(_ state: inout State) throws(EngineError) {
    // Where there is no IPv6 there are no rules for it.
    if family == .ipv6, !IPv6Address.isInKernel { return }
    try failing(.internal, "removing the firewall's rules") {
      state.installed = nil
      try firewall.apply(RuleSet.removal(of: table, family))
      openPassages(&state, [], always: true)
    }
  }

  /// Makes other tables' chains that drop by policy let our bridges' packets pass. What they refuse is told only:
  /// their owner may know why.
  private func openPassages(_ state: inout State, _ bridges: Set<String>, always: Bool) {
    guard always || bridges != state.passing else { return }
    state.passing = bridges
    do throws(FirewallError) {
      for chain in Passages.strictChains(
        in: try firewall.apply(Passages.question), besides: table, family)
      {
        let listing = try firewall.apply(chain.question, handles: true)
        let changes = Passages.changes(of: chain, listing, bridges: bridges, mark: table)
        if !changes.isEmpty { try firewall.apply(changes) }
      }
    } catch { Log.warning("another firewall may drop what containers send: \(error)") }
  }
}
