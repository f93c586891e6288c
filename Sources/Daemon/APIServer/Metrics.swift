import Assembly
import Containers
import DockerAPI
import Events
import HTTP
import Reactor

/// What Prometheus reads: dockerd's numbers of the engine, and each container's.
struct Metrics: Sendable {
  /// More containers than this are counted and not told one by one.
  static let mostContainers = 1000
  /// How many containers are measured at once.
  private static let width = 8

  let engine: Engine
  let facts: DaemonFacts
  let times: ActionTimes

  func text() async throws -> String {
    var text = MetricsText()
    let containers = try await engine.containers.list(.everything)
    tellEngine(&text, containers)
    times.tell(&text)
    // One that was removed meanwhile is left out.
    for measured in await measure(containers.prefix(Self.mostContainers).map(\.id)).compactMap({
      try? $0.get()
    }) {
      measured.tell(&text)
    }
    return text.text
  }

  private func tellEngine(_ text: inout MetricsText, _ containers: [ContainerSummary]) {
    let host = HostFacts.read()
    text.add(
      "engine_daemon_engine_info", .gauge,
      "The information related to the engine and the OS it is running on",
      [
        ("architecture", host.architecture), ("commit", ""), ("daemon_id", facts.id),
        ("graphdriver", "overlay2"),
        ("kernel", host.kernelVersion), ("os", host.operatingSystem), ("os_type", "linux"),
        ("os_version", host.osVersion), ("version", EngineVersion.number),
      ], 1)
    text.add(
      "engine_daemon_engine_cpus_cpus", .gauge, "The number of cpus that the host system of the engine has",
      Double(host.processors))
    text.add(
      "engine_daemon_engine_memory_bytes", .gauge,
      "The number of bytes of memory that the host system of the engine has", Double(host.memory))
    let running = containers.filter { ["running", "restarting"].contains($0.state) }.count
    let paused = containers.filter { $0.state == "paused" }.count
    for (state, count) in [
      ("paused", paused), ("running", running), ("stopped", containers.count - running - paused),
    ] {
      text.add(
        "engine_daemon_container_states_containers", .gauge, "The count of containers in various states",
        [("state", state)], Double(count))
    }
    let (published, listeners) = engine.events.counts
    text.add("engine_daemon_events_total", .counter, "The number of events logged", Double(published))
    text.add(
      "engine_daemon_events_subscribers_total", .gauge, "The number of current subscribers to events",
      Double(listeners))
  }

  private func measure(_ ids: [String]) async -> [Result<MeasuredContainer, any Error>] {
    await resultsAtOnce(ids, limit: Self.width) { [containers = engine.containers] id in
      MeasuredContainer(inspect: try await containers.inspect(id), stats: try await containers.stats(id))
    }
  }
}

extension MetricsText {
  mutating func add(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    add(name, kind, help, [], value)
  }
}

extension APIServer {
  /// Answers a scraper: `GET /metrics`, and nothing else.
  public func answerScraper(_ exchange: HTTPExchange) async {
    // A scraper that has gone comes again.
    try? await scrape(exchange)
  }

  private func scrape(_ exchange: HTTPExchange) async throws {
    let isKnown = ["GET", "HEAD"].contains(exchange.request.method) && exchange.request.path == "/metrics"
    guard isKnown, let metrics else {
      let plain = [("Content-Type", "text/plain; charset=utf-8")]
      return try await exchange.respond(
        status: 404, headers: plain, body: Array("404 page not found: the numbers are at /metrics\n".utf8))
    }
    do {
      let text = try await metrics.text()
      try await exchange.respond(
        status: 200, headers: [("Content-Type", MetricsText.contentType)], body: Array(text.utf8))
    } catch {
      guard !exchange.isAnswered else { return }
      try await exchange.respond(status: 500, body: Array("\(statusAndMessage(error).message)\n".utf8))
    }
  }
}
