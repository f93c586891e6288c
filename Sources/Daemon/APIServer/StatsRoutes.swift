import Assembly
import Containers
import DockerAPI
import HTTP
import JSON
import Reactor

func statsRoutes(_ engine: Engine) -> [Route] {
  [Route("GET", "/containers/{id}/stats") { call in try await stats(call, engine.containers) }]
}

/// A sample a second, each with the one before it; without `stream` one such pair, with `one-shot` no pair.
private func stats(_ call: Call, _ containers: Containers) async throws {
  let id = call.hole("id")
  var previous = try await containers.stats(id)
  if !call.flag("stream", default: true) {
    if call.version < APIVersion(1, 41) || !call.flag("one-shot") {
      try await sleep(milliseconds: 1000)
      previous = try await containers.stats(id).following(previous)
    }
    return try await call.answer(previous, as: .plain)
  }
  let first = previous
  let stream = try await call.stream("application/json")
  try await call.exchange.whileConnected {
    var sample = first
    while true {
      try await stream.write(JSON.encode(sample, as: .plain) + [0x0a])
      try await sleep(milliseconds: 1000)
      sample = try await containers.stats(id).following(sample)
    }
  }
}

extension ContainerStats {
  fileprivate func following(_ before: ContainerStats) -> ContainerStats {
    var stats = self
    stats.preread = before.read
    stats.precpuStats = before.cpuStats
    return stats
  }
}
