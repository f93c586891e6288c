/// Rules in chains of others that would drop what we let through; pure text of nft(8).
///
/// A packet passes when no chain drops it, and other tables may drop by policy what they do not know: those of
/// iptables do where Docker or ufw made them. There we put two rules for each of our bridges, marked by a comment.
/// What is to be dropped between our networks our own chain has dropped by then, or will.
enum Passages {
  struct Chain: Hashable, Sendable {
    var family: String
    var table: String
    var name: String

    fileprivate var place: String { "\(family) \(table) \(name)" }
    /// Lists the chain's rules; to be asked for with handles.
    var question: String { "list chain \(place)\n" }
  }

  static let question = "list chains\n"

  /// The chains of other tables that see forwarded packets and drop by policy, in the answer to `question`. Those for
  /// both families are IPv4's.
  static func strictChains(in listing: String, besides own: String, _ family: RuleSet.Family) -> [Chain] {
    let families = family == .ipv4 ? ["ip", "inet"] : ["ip6"]
    var chains: [Chain] = []
    var place: (family: String, table: String)?
    var name = ""
    for line in listing.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      if words.first == "table", words.count > 2 {
        place = (words[1], words[2])
      } else if words.first == "chain", words.count > 1 {
        name = words[1]
      } else if let place, words.starts(with: ["type", "filter", "hook", "forward"]),
        line.contains("policy drop"), place.table != own, families.contains(place.family)
      {
        chains.append(Chain(family: place.family, table: place.table, name: name))
      }
    }
    return chains
  }

  /// Whether there is a table of this name and family, by the answer to `question`, which names also those without chains.
  static func has(_ table: String, _ family: RuleSet.Family, in listing: String) -> Bool {
    listing.split(separator: "\n").contains {
      $0.split(separator: " ").starts(with: ["table", family.rawValue[...], table[...]])
    }
  }

  /// What to change in a chain, so that of our rules it has exactly those for `bridges`. `listing` holds its rules
  /// with their handles.
  static func changes(of chain: Chain, _ listing: String, bridges: Set<String>, mark: String) -> String {
    let comment = "comment \"\(mark)\""
    var missing = Set(
      bridges.flatMap { ["iifname \"\($0)\" accept \(comment)", "oifname \"\($0)\" accept \(comment)"] })
    var changes = ""
    for line in listing.split(separator: "\n") where line.contains(comment) {
      let text = line.drop { $0 == " " || $0 == "\t" }
      guard let sign = text.firstRange(of: " # handle ") else { continue }
      if missing.remove(String(text[..<sign.lowerBound])) == nil {
        changes += "delete rule \(chain.place) handle \(text[sign.upperBound...])\n"
      }
    }
    return changes + missing.sorted().map { "insert rule \(chain.place) \($0)\n" }.joined()
  }
}
