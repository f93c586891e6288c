import DockerAPI
import EngineErrors
import Filtering

extension Containers {
  private static let knownFilters: Set<String> = [
    "ancestor", "before", "exited", "expose", "health", "id", "is-task", "isolation", "label", "name",
    "network", "publish", "since", "status", "volume",
  ]
  private static let states = ["created", "running", "paused", "restarting", "removing", "exited", "dead"]
  private static let healths = ["none", "starting", "healthy", "unhealthy"]

  /// Refuses, in docker's words, what the filters of a list cannot say.
  static func check(_ filters: Filters) throws(EngineError) {
    try filters.admit(knownFilters)
    for code in filters["exited"] where Int(code) == nil {
      throw refused("invalid filter 'exited=\(code)': strconv.Atoi: parsing \"\(code)\": invalid syntax")
    }
    for state in filters["status"] where !states.contains(state) {
      throw refused("invalid filter 'status=\(state)': \(choice("container state", state, states))")
    }
    _ = try filters.flag("is-task")
    for health in filters["health"] where !healths.contains(health) {
      throw refused("invalid filter 'health=\(health)': \(choice("health status", health, healths))")
    }
    for key in ["publish", "expose"] {
      for text in filters[key] where PortFilter(text) == nil {
        throw text.contains(":")
          ? refused("filter for '\(key)' should not contain ':': \(text)")
          : refused("error while looking up for \(key) \(text): invalid port or range of ports")
      }
    }
  }

  private static func choice(_ what: String, _ given: String, _ known: [String]) -> String {
    "invalid \(what) (\(given)): must be one of \(known.sorted().map { "\"\($0)\"" }.joined(separator: ", "))"
  }

  private static func refused(_ why: String) -> EngineError { EngineError(.invalidArgument, why) }
}

/// `80`, `80/udp`, `8000-8010/tcp` as the publish and expose filters take them.
struct PortFilter {
  private let range: ClosedRange<UInt16>
  private let type: String

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let ends = (parts.first ?? "").split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count <= 2, (1...2).contains(ends.count), let low = UInt16(ends[0]),
      let high = UInt16(ends[ends.count - 1]), low <= high
    else { return nil }
    range = low...high
    type = parts.count == 2 && !parts[1].isEmpty ? parts[1].lowercased() : "tcp"
  }

  static func ports(_ texts: [String]) -> [PortFilter] { texts.compactMap { PortFilter($0) } }

  func fits(_ port: UInt16, _ type: String) -> Bool { range.contains(port) && type == self.type }
}
