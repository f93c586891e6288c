import Linux
import Reactor
import Synchronization

/// One request of a client on one connection.
struct ClientCall: Sendable {
  private static let headBytes = 1 << 20
  private static let headerCount = 1024

  let method: String
  let reader: ConnectionReader

  /// Sends the body while the answer is awaited: a server may refuse before it has seen all of it.
  func send(_ head: [UInt8], _ body: HTTPRequestBody, pool: ConnectionPool) async throws -> HTTPClientResponse
  {
    let upload = Upload()
    switch body {
    case .none: try await writeIgnoringRefusal(head)
    case .bytes(let bytes): try await writeIgnoringRefusal(head + bytes)
    case .stream(let next):
      try await writeIgnoringRefusal(head)
      upload.start(next, to: reader.connection)
    }
    do {
      let response = try await responseHead()
      return try self.response(response, upload, pool)
    } catch {
      upload.cancel()
      reader.connection.close()
      throw upload.failure ?? error
    }
  }

  func upgrade(_ request: [UInt8]) async throws -> (HTTPClientResponse, RawConnection?) {
    do {
      try await writeIgnoringRefusal(request)
      let head = try await responseHead()
      let framing = try BodyFraming.ofResponse(head, to: method)
      if head.status == 101 || (head.status == 200 && framing == .untilClose) {
        return (message(head, HTTPBody(bytes: [])), RawConnection(reader))
      }
      return (message(head, HTTPBody(reader, framing)), nil)
    } catch {
      reader.connection.close()
      throw error
    }
  }

  /// A server that refuses closes its side before it has read everything; its answer says why.
  private func writeIgnoringRefusal(_ bytes: [UInt8]) async throws {
    do {
      try await reader.connection.write(bytes)
    } catch let error as SyscallError where error.errno == .brokenPipe || error.errno == .connectionReset {}
  }

  /// The final head; interim ones (100, 102, 103) are read over.
  private func responseHead() async throws -> HeadParser.ResponseHead {
    var head = try await nextHead()
    while head.status < 200, head.status != 101 { head = try await nextHead() }
    return head
  }

  private func nextHead() async throws -> HeadParser.ResponseHead {
    guard let bytes = try await reader.head(limit: Self.headBytes) else { throw HTTPError.truncated }
    return try HeadParser.response(bytes, headerCount: Self.headerCount)
  }

  private func response(
    _ head: HeadParser.ResponseHead, _ upload: Upload, _ pool: ConnectionPool
  ) throws -> HTTPClientResponse {
    let framing = try BodyFraming.ofResponse(head, to: method)
    let closes = head.minor == 0 || head.headers.contains("close", in: "connection") || framing == .untilClose
    let reader = reader
    let body = HTTPBody(
      reader, framing,
      atEnd: {
        // The upload is held by this closure for as long as the body lives.
        if !closes, upload.isDone, reader.heldCount == 0 { pool.give(reader.connection) }
        upload.cancel()
      })
    return message(head, body)
  }

  private func message(_ head: HeadParser.ResponseHead, _ body: HTTPBody) -> HTTPClientResponse {
    HTTPClientResponse(status: head.status, reason: head.reason, headers: head.headers, body: body)
  }
}

/// A streamed request body on its way.
private final class Upload: Sendable {
  private struct State {
    var task: Task<Void, Never>?
    var isDone = true
    var failure: (any Error)?
  }

  private let state = Mutex(State())

  var isDone: Bool { state.withLock { $0.isDone } }
  /// Why the source of the body broke off.
  var failure: (any Error)? { state.withLock { $0.failure } }

  func start(_ next: @escaping @Sendable () async throws -> [UInt8]?, to connection: any Connection) {
    state.withLock { $0.isDone = false }
    let task = Task { [weak self] in
      do {
        while let bytes = try await next() {
          if !bytes.isEmpty, !(await Self.write(chunk(bytes), connection)) { return }
        }
        if await Self.write(lastChunk, connection) { self?.state.withLock { $0.isDone = true } }
      } catch {
        self?.state.withLock { $0.failure = error }
        // Without its end the request must not look complete.
        connection.close()
      }
    }
    state.withLock { $0.task = task }
  }

  /// False when the server takes no more: its answer tells why.
  private static func write(_ bytes: [UInt8], _ connection: any Connection) async -> Bool {
    do {
      try await connection.write(bytes)
      return true
    } catch {
      return false
    }
  }

  func cancel() { state.withLock { $0.task }?.cancel() }

  deinit { cancel() }
}
