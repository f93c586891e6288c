import Linux
import Synchronization

/// How long what clients ask for takes, as dockerd counts it.
final class ActionTimes: Sendable {
  private struct Histogram {
    var counts = [UInt64](repeating: 0, count: ActionTimes.bounds.count)
    var count: UInt64 = 0
    var sum = 0.0
  }

  /// Seconds; those that Prometheus' libraries take.
  static let bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

  /// Routes and dockerd's words for them.
  private static let actions: [String: (family: String, action: String)] = [
    "POST /containers/create": ("container", "create"), "POST /containers/{id}/start": ("container", "start"),
    "DELETE /containers/{id*}": ("container", "delete"), "POST /commit": ("container", "commit"),
    "GET /containers/{id}/changes": ("container", "changes"),
    "POST /networks/create": ("network", "create"), "DELETE /networks/{id}": ("network", "delete"),
    "POST /networks/{id}/connect": ("network", "connect"),
    "POST /networks/{id}/disconnect": ("network", "disconnect"),
    "DELETE /images/{name*}": ("image", "delete"),
    "POST /images/create": ("image", "pull"), "POST /images/{name*}/push": ("image", "push"),
  ]

  private let state = Mutex<[String: Histogram]>([:])

  /// Runs what a route does and counts it if it succeeds.
  func measure(_ route: String, _ body: () async throws -> Void) async throws {
    guard Self.actions[route] != nil else { return try await body() }
    let start = Clock.monotonic
    try await body()
    let seconds = Double(Clock.monotonic - start) / 1e9
    state.withLock { state in
      var histogram = state[route] ?? Histogram()
      histogram.count += 1
      histogram.sum += seconds
      for (place, bound) in Self.bounds.enumerated() where seconds <= bound { histogram.counts[place] += 1 }
      state[route] = histogram
    }
  }

  func tell(_ text: inout MetricsText) {
    let known = state.withLock { $0 }
    for (route, (family, action)) in Self.actions.sorted(by: { $0.key < $1.key }) {
      let histogram = known[route] ?? Histogram()
      let name = "engine_daemon_\(family)_actions_seconds"
      let help = "The number of seconds it takes to process each \(family) action"
      for (bound, count) in zip(Self.bounds + [.infinity], histogram.counts + [histogram.count]) {
        text.add(
          name, .histogram, help, [("action", action), ("le", MetricsText.text(bound))], Double(count),
          suffix: "_bucket")
      }
      text.add(name, .histogram, help, [("action", action)], histogram.sum, suffix: "_sum")
      text.add(name, .histogram, help, [("action", action)], Double(histogram.count), suffix: "_count")
    }
  }
}
