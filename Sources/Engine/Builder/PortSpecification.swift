import EngineErrors

/// EXPOSE's `80`, `80/udp`, `8000-8010/tcp`.
enum PortSpecification {
  /// `80/tcp` for every port that is meant. The host's part of `ip:host:container` is not exposed.
  static func ports(_ text: String) throws(EngineError) -> [String] {
    let container = text.split(separator: ":", omittingEmptySubsequences: false).last.map(String.init) ?? ""
    let parts = container.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let protocolName = parts.count > 1 && !parts[1].isEmpty ? parts[1].lowercased() : "tcp"
    guard let range = parts.first, !range.isEmpty else {
      throw EngineError(.invalidArgument, "no port specified: \(text)<empty>")
    }
    guard ["tcp", "udp", "sctp"].contains(protocolName) else {
      throw EngineError(.invalidArgument, "invalid proto: \(protocolName)")
    }
    let ends = range.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map { UInt16($0) }
    guard let low = ends.first ?? nil, let high = ends.last ?? nil, low <= high else {
      throw EngineError(.invalidArgument, "invalid containerPort: \(range)")
    }
    return (low...high).map { "\($0)/\(protocolName)" }
  }
}
