import Builder
import BuildKitAPI
import Hashing
import Linux
import Synchronization

/// Tells a build's steps as BuildKit's vertices.
final class BuildVertices: Sendable {
  private struct State {
    var steps: [String: Vertex] = [:]
    /// Bytes that each step has said.
    var said: [String: Int] = [:]
    var parts: [String: VertexStatus] = [:]
    var failedLines: ClosedRange<Int>?
    var last = ""
  }

  let log: StatusLog
  private let ref: String
  private let state = Mutex(State())

  /// - Parameter ref: the build's name, which makes the vertices' digests its own.
  init(_ log: StatusLog = StatusLog(), ref: String) {
    self.log = log
    self.ref = ref
  }

  private static var now: ProtobufTime { ProtobufTime(nanoseconds: Clock.realtime) }

  private func digest(_ key: String) -> String { "sha256:" + SHA256.hex(of: "\(ref)\0\(key)") }

  /// The lines of the Dockerfile that could not be done.
  var failedLines: ClosedRange<Int>? { state.withLock { $0.failedLines } }

  func hear(_ event: BuildEvent) {
    switch event {
    case .began(let step, let name): begin("\(step)", name)
    case .said(let step, let isErrorOutput, let bytes): say("\(step)", isErrorOutput ? 2 : 1, bytes)
    case .progressed(let step, let part, let current, let total, let isDone):
      progress("\(step)", part, current: current, total: total, isDone: isDone)
    case .warned(let text): warn(text)
    case .ended(let step, let isCached, let failure): end("\(step)", isCached: isCached, failure)
    case .failed(let lines): state.withLock { $0.failedLines = lines }
    }
  }

  /// Runs `body` as a step of its own.
  func step<Value>(_ name: String, _ body: (_ key: String) async throws -> Value) async throws -> Value {
    begin(name, name)
    do {
      let value = try await body(name)
      end(name, isCached: false, nil)
      return value
    } catch {
      end(name, isCached: false, error)
      throw error
    }
  }

  private func begin(_ key: String, _ name: String) {
    var vertex = Vertex()
    vertex.digest = digest(key)
    // One line, as long as a line can be.
    vertex.name = String(
      name.split(separator: "\n", omittingEmptySubsequences: false).joined(separator: " ").prefix(4096))
    vertex.started = Self.now
    state.withLock { state in
      if !state.last.isEmpty { vertex.inputs = [state.last] }
      state.last = vertex.digest
      state.steps[key] = vertex
    }
    log.add(StatusResponse(vertices: [vertex]))
  }

  private func end(_ key: String, isCached: Bool, _ failure: (any Error)?) {
    let (vertex, parts) = state.withLock { state -> (Vertex?, [VertexStatus]) in
      state.steps[key]?.isCached = isCached
      state.steps[key]?.completed = Self.now
      guard let vertex = state.steps[key] else { return (nil, []) }
      let open = state.parts.values.filter { $0.vertex == vertex.digest && $0.completed == nil }
      for part in open { state.parts[part.vertex + part.id] = nil }
      return (vertex, open)
    }
    guard var vertex else { return }
    if let failure { vertex.error = BuildFailureText.text(failure) }
    let ended = parts.map { part in
      var part = part
      part.completed = Self.now
      part.timestamp = part.completed
      return part
    }
    log.add(StatusResponse(vertices: [vertex], statuses: ended))
  }

  private func say(_ key: String, _ stream: Int64, _ bytes: [UInt8]) {
    var log = VertexLog()
    log.vertex = digest(key)
    log.timestamp = Self.now
    log.stream = stream
    let (room, isFull) = state.withLock { state -> (Int, Bool) in
      let said = state.said[key] ?? 0
      state.said[key] = said + bytes.count
      return (max(0, StatusLog.mostOfStep - said), said >= StatusLog.mostOfStep)
    }
    if isFull { return }
    log.message = Array(bytes.prefix(room))
    if room < bytes.count { log.message += Array("\n[output clipped, log limit 2MiB reached]\n".utf8) }
    self.log.add(StatusResponse(logs: [log]))
  }

  /// How far a part of a step is. Parts are named by what they are: `transferring context:`.
  func progress(_ key: String, _ part: String, current: Int64, total: Int64 = 0, isDone: Bool = false) {
    let vertex = digest(key)
    let status = state.withLock { state -> VertexStatus in
      var status = state.parts[vertex + part] ?? VertexStatus()
      status.id = part
      status.vertex = vertex
      status.name = part
      status.current = isDone && current == 0 ? status.current : current
      status.total = max(total, status.total)
      status.started = status.started ?? Self.now
      status.timestamp = Self.now
      if isDone { status.completed = status.timestamp }
      state.parts[vertex + part] = isDone ? nil : status
      return status
    }
    log.add(StatusResponse(statuses: [status]))
  }

  private func warn(_ text: String) {
    var warning = VertexWarning()
    warning.vertex = state.withLock { $0.last }
    warning.level = 1
    warning.short = Array(text.utf8)
    log.add(StatusResponse(warnings: [warning]))
  }
}
