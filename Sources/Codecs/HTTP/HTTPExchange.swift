import Linux
import Reactor
import Synchronization

/// One request and its one answer, on the server's side.
public final class HTTPExchange: Sendable {
  enum Answer: Sendable { case none, streaming, complete, hijacked }

  public let request: HTTPRequest
  private let reader: ConnectionReader
  private let isHTTP10: Bool
  private let mayKeepAlive: Bool
  private let state = Mutex(Answer.none)

  init(_ request: HTTPRequest, _ reader: ConnectionReader, isHTTP10: Bool, mayKeepAlive: Bool) {
    self.request = request
    self.reader = reader
    self.isHTTP10 = isHTTP10
    self.mayKeepAlive = mayKeepAlive
  }

  var answer: Answer { state.withLock { $0 } }

  /// Whether an answer has begun: then another is not possible.
  public var isAnswered: Bool { answer != .none }

  /// The whole answer. For HEAD the body is counted and not sent.
  public func respond(status: Int, headers: [(String, String)] = [], body: [UInt8] = []) async throws {
    // Complete only once it is sent: a client that has gone gets no answers to what it asked ahead.
    begin(.streaming)
    var headers = headers
    let hasBody = status >= 200 && status != 204 && status != 304
    let isCounted = headers.contains { isSame($0.0, "content-length") }
    if hasBody, !isCounted { headers.append(("Content-Length", String(body.count))) }
    headers += connectionHeaders()
    let head = HeadWriter.response(status, headers)
    try await reader.connection.write(hasBody && request.method != "HEAD" ? head + body : head)
    state.withLock { $0 = .complete }
  }

  /// Sends the head at once; the body follows in pieces.
  public func startStream(status: Int, headers: [(String, String)] = []) async throws -> HTTPResponseStream {
    begin(.streaming)
    let isChunked = !isHTTP10 && request.method != "HEAD"
    let framing = isHTTP10 ? [] : [("Transfer-Encoding", "chunked")]
    try await reader.connection.write(HeadWriter.response(status, headers + framing + connectionHeaders()))
    return HTTPResponseStream(reader.connection, isChunked: isChunked, isSilent: request.method == "HEAD") {
      self.state.withLock { $0 = .complete }
    }
  }

  /// Leaves HTTP: 101 with `Upgrade`, or the old form, 200 without a length. The request's body is read over first.
  public func hijack(status: Int, headers: [(String, String)] = []) async throws -> RawConnection {
    _ = try await request.body.drain(upTo: 1 << 20)
    begin(.hijacked)
    try await reader.connection.write(HeadWriter.response(status, headers))
    return RawConnection(reader)
  }

  /// Waits until the client has gone. Begins to look once the request's body was read; until then reading it tells.
  public func untilClientGone() async throws {
    try await request.body.ended.wait()
    while true {
      do {
        let bytes = try await reader.connection.read(upTo: 4096)
        if bytes.isEmpty { return }
        reader.append(bytes)
        // A client that sends more than this ahead is slowed down by not being read.
        if reader.heldCount > 65536 { try await Latch().wait() }
      } catch is CancellationError {
        throw CancellationError()
      } catch {
        return
      }
    }
  }

  /// Runs the body, and cancels its task when the client goes.
  public func whileConnected(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await body() }
      group.addTask { [self] in
        try await untilClientGone()
        throw CancellationError()
      }
      defer { group.cancelAll() }
      _ = try await group.next()
    }
  }

  var keepsAlive: Bool { mayKeepAlive && !isHTTP10 }

  private func connectionHeaders() -> [(String, String)] { keepsAlive ? [] : [("Connection", "close")] }

  private func begin(_ answer: Answer) {
    state.withLock { state in
      precondition(state == .none, "\(request.method) \(request.path) was answered already")
      state = answer
    }
  }
}
