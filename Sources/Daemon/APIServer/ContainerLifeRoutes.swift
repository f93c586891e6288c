import Assembly
import Containers
import DockerAPI
import EngineErrors
import HTTP
import JSON

/// A container that is being started is not left half-way because its client goes away meanwhile.
private func toTheEnd(_ command: @escaping @Sendable () async throws -> Void) async throws {
  try await Task { try await command() }.value
}

/// A container's life: start, stop, signals, waiting.
func containerLifeRoutes(_ engine: Engine) -> [Route] {
  let containers = engine.containers
  return [
    Route("POST", "/containers/{id}/start") { call in
      try await refuseOldBody(call)
      let id = call.hole("id")
      try await toTheEnd { try await containers.start(id) }
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/stop") { call in
      let stopped = try await containers.stop(
        call.hole("id"), signal: call.stopSignal, timeout: try call.integer("t"))
      try await call.answer(status: stopped ? 204 : 304)
    },
    Route("POST", "/containers/{id}/restart") { call in
      let (id, signal, timeout) = (call.hole("id"), call.stopSignal, try call.integer("t"))
      try await toTheEnd { try await containers.restart(id, signal: signal, timeout: timeout) }
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/kill") { call in
      try await containers.kill(call.hole("id"), signal: call.text("signal") ?? "KILL")
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/pause") { call in
      try await containers.pause(call.hole("id"))
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/unpause") { call in
      try await containers.unpause(call.hole("id"))
      try await call.answer(status: 204)
    },
    Route("POST", "/containers/{id}/resize") { call in
      let size = try call.terminalSize()
      try await containers.resize(call.hole("id"), columns: size.columns, rows: size.rows)
      try await call.answer(status: 200)
    },
    Route("POST", "/containers/{id}/wait") { call in try await wait(call, containers) },
  ]
}

extension Call {
  /// `signal` came with API 1.42.
  fileprivate var stopSignal: String? { version >= APIVersion(1, 42) ? text("signal") : nil }

  /// The query's `w` and `h`.
  func terminalSize() throws(EngineError) -> (columns: UInt16, rows: UInt16) {
    guard let columns = try integer("w").flatMap({ UInt16(exactly: $0) }),
      let rows = try integer("h").flatMap({ UInt16(exactly: $0) })
    else { throw EngineError(.invalidArgument, "a terminal's size needs w and h from 0 to 65535") }
    return (columns, rows)
  }
}

/// API 1.24 took a HostConfig out of start; a client that sends one would be misled.
private func refuseOldBody(_ call: Call) async throws {
  let body = try await call.request.body.collect(upTo: 1 << 20)
  guard body.count > 2 else { return }
  throw EngineError(
    .invalidArgument,
    "starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24")
}

/// The head goes out at once: clients wait for it before they start the container. Those before API 1.30 get it with
/// the end, and have no conditions.
private func wait(_ call: Call, _ containers: Containers) async throws {
  var condition = WaitCondition.notRunning
  let isEarly = call.version < APIVersion(1, 30)
  if !isEarly, let asked = call.text("condition") {
    guard let known = WaitCondition(rawValue: asked) else {
      throw EngineError(.invalidArgument, "invalid condition: \"\(asked)\"")
    }
    condition = known
  }
  let departures = try await containers.wait(call.hole("id"), condition)
  if isEarly {
    return try await call.exchange.whileConnected {
      for await departure in departures { return try await call.answer(ContainerWaitResponse(departure)) }
    }
  }
  let stream = try await call.stream("application/json")
  try await call.exchange.whileConnected {
    for await departure in departures {
      try await stream.write(JSON.encode(ContainerWaitResponse(departure), as: .docker) + [0x0a])
      break
    }
    try await stream.finish()
  }
}

extension ContainerWaitResponse {
  fileprivate init(_ departure: Departure) {
    self.init()
    statusCode = Int64(departure.code)
    if !departure.explanation.isEmpty { explanation = departure.explanation }
    guard !departure.error.isEmpty else { return }
    var failure = WaitError()
    failure.message = departure.error
    error = failure
  }
}
