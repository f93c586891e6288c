import Assembly
import ContainerLog
import Containers
import DockerAPI
import EngineErrors
import HTTP

func logRoutes(_ engine: Engine) -> [Route] {
  [
    Route("GET", "/containers/{id}/logs") { call in try await logs(call, engine.containers) },
    // Skiff's own.
    Route("GET", "/previous/{name}/logs") { call in try await previousLogs(call, engine.containers) },
  ]
}

private func previousLogs(_ call: Call, _ containers: Containers) async throws {
  let (logs, isTerminal) = try await containers.previousLogs(call.hole("name"), try call.logQuery())
  let dress = LogDress(times: call.flag("timestamps"))
  let kind = StreamKind(terminal: isTerminal)
  let stream = try await call.stream(kind.contentType(call.version))
  try await call.exchange.whileConnected {
    while let entries = try await logs.next() { try await stream.write(kind.encode(entries, dress)) }
    try await stream.finish()
  }
}

private func logs(_ call: Call, _ containers: Containers) async throws {
  let query = try call.logQuery()
  let isFollowed = call.flag("follow")
  let details = call.flag("details") ? try await containers.logDetails(call.hole("id")) : nil
  let dress = LogDress(times: call.flag("timestamps"), details: details)
  let kind = StreamKind(terminal: try await containers.isTerminal(call.hole("id")))
  let logs = try await containers.logs(call.hole("id"), query, follow: isFollowed)
  let stream = try await call.stream(kind.contentType(call.version))
  try await call.exchange.whileConnected {
    while let entries = try await logs.next() {
      try await stream.write(kind.encode(entries, dress))
    }
    try await stream.finish()
  }
}

extension Call {
  /// The query of a log: which streams, from when to when, how many of the last lines.
  fileprivate func logQuery() throws(EngineError) -> LogQuery {
    let (stdout, stderr) = (flag("stdout"), flag("stderr"))
    guard stdout || stderr else {
      throw EngineError(.invalidArgument, "Bad parameters: you must choose at least one stream")
    }
    // "all", and whatever is no number, mean all.
    let tail = text("tail").flatMap { Int($0) }.flatMap { $0 < 0 ? nil : $0 }
    return LogQuery(
      tail: tail, since: try moment("since"), until: try moment("until"), stdout: stdout, stderr: stderr)
  }
}

/// What stands before every line of a log.
struct LogDress: Sendable {
  var times = false
  /// nil without `details`.
  var details: String?

  func prefix(_ entry: LogEntry) -> [UInt8] {
    let time = times ? LogTime.text(entry.time, fixed: true) + " " : ""
    return Array((time + (details.map { $0 + " " } ?? "")).utf8)
  }
}

extension StreamKind {
  func encode(_ entries: [LogEntry], _ dress: LogDress) -> [UInt8] {
    var bytes: [UInt8] = []
    for entry in entries {
      let line = dress.prefix(entry) + entry.bytes
      bytes += encode(entry.stream == .stdout ? .stdout : .stderr, line)
    }
    return bytes
  }
}
