import Linux
import Reactor

/// Answers HTTP/1.1 (and 1.0) on the connections of a listener, each in a task of its own.
///
/// The handler answers every exchange; one that returns without an answer is answered with 500.
public struct HTTPServer: Sendable {
  private let limits: HTTPLimits
  private let handler: @Sendable (HTTPExchange) async -> Void
  private let watch = ConnectionWatch()

  /// Turns a fresh connection into one whose bytes are secret. Throws what was wrong with the client.
  public typealias Secure = @Sendable (AsyncDescriptor) async throws -> any Connection

  public init(limits: HTTPLimits = .default, handler: @escaping @Sendable (HTTPExchange) async -> Void) {
    self.limits = limits
    self.handler = handler
  }

  /// Serves until the listener is closed; then idle connections are closed and those that are being answered
  /// waited for. Cancelling the task ends them all.
  /// `secure` makes the connection secret; it may take as long as a head may.
  public func serve(_ listener: Listener, secure: Secure? = nil) async throws {
    let reaper = Task { [watch, limits] in
      while true {
        try await sleep(milliseconds: max(10, min(1000, limits.headMilliseconds / 4)))
        watch.closeOverdue()
      }
    }
    defer { reaper.cancel() }
    await withDiscardingTaskGroup { group in
      while let connection = await next(listener) {
        let (most, patience) = (limits.connections, limits.idleMilliseconds)
        guard let id = watch.add(connection, limit: most, milliseconds: patience) else {
          connection.close()
          continue
        }
        group.addTask {
          if let secured = await self.secured(connection, id, secure) { await converse(secured, id) }
          watch.remove(id)
        }
      }
      watch.drain()
    }
    try Task.checkCancellation()
  }

  /// Nil when the two did not come to terms; the connection is closed then.
  private func secured(_ plain: AsyncDescriptor, _ id: UInt64, _ secure: Secure?) async -> (any Connection)? {
    guard let secure else { return plain }
    watch.reading(id, milliseconds: limits.handshakeMilliseconds)
    do { return try await secure(plain) } catch {
      Log.debug("a client was not understood: \(error)")
      plain.close()
      return nil
    }
  }

  private func next(_ listener: Listener) async -> AsyncDescriptor? {
    do { return try await listener.accept() } catch { return nil }
  }

  private func converse(_ connection: any Connection, _ id: UInt64) async {
    let reader = ConnectionReader(connection)
    do {
      while watch.idle(id, milliseconds: limits.idleMilliseconds) {
        let bytes = try await reader.head(limit: limits.headBytes) {
          watch.reading(id, milliseconds: limits.headMilliseconds)
        }
        guard let bytes else { break }
        watch.answering(id)
        guard try await answer(bytes, reader, id) else { return }
      }
      connection.close()
    } catch let error as HTTPError {
      await refuse(error, connection)
    } catch {
      // The client has gone or the server stops: nobody is left to be told.
      connection.close()
    }
  }

  /// Answers one request; false when the connection belongs to somebody else or cannot be used again.
  private func answer(_ bytes: [UInt8], _ reader: ConnectionReader, _ id: UInt64) async throws -> Bool {
    let head = try HeadParser.request(bytes, headerCount: limits.headerCount)
    let exchange = try self.exchange(head, reader, id)
    await handler(exchange)
    switch exchange.answer {
    case .none: try await exchange.respond(status: 500, body: Array("the request was not answered\n".utf8))
    case .hijacked: return false
    case .streaming:
      reader.connection.close()
      return false
    case .complete: break
    }
    // What is left of the request must come in time, and a body that makes no sense is the connection's end: its
    // answer has been sent.
    watch.reading(id, milliseconds: limits.headMilliseconds)
    let isClean = (try? await exchange.request.body.drain(upTo: limits.drainBytes)) ?? false
    if exchange.keepsAlive, isClean { return true }
    await linger(reader.connection)
    return false
  }

  private func exchange(
    _ head: HeadParser.RequestHead, _ reader: ConnectionReader, _ id: UInt64
  ) throws -> HTTPExchange {
    let target = try RequestTarget(head.target)
    let framing = try BodyFraming.ofRequest(head)
    let isHTTP10 = head.minor == 0
    if let expectation = head.headers["expect"], !isSame(expectation, "100-continue") {
      throw HTTPError(417, "unsupported expectation")
    }
    let isAsked = head.headers["expect"] != nil && !isHTTP10
    let askOn: @Sendable () async throws -> Void = {
      try await reader.connection.write(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
    }
    let body = HTTPBody(
      reader, framing, beforeReading: isAsked ? askOn : nil, waiting: { [watch] in watch.awaitsBody(id, $0) })
    let request = HTTPRequest(
      method: head.method, path: target.path, query: target.query, headers: head.headers, body: body)
    let mayKeepAlive = !watch.isDraining && !head.headers.contains("close", in: "connection")
    return HTTPExchange(request, reader, isHTTP10: isHTTP10, mayKeepAlive: mayKeepAlive)
  }

  private func refuse(_ error: HTTPError, _ connection: any Connection) async {
    let body = Array("\(error.message)\n".utf8)
    let head = HeadWriter.response(
      error.status,
      [
        ("Content-Type", "text/plain; charset=utf-8"), ("Connection", "close"),
        ("Content-Length", "\(body.count)"),
      ])
    // A client that has gone need not hear why.
    try? await connection.write(head + body)
    await linger(connection)
  }

  /// Ends our side and reads on for a moment: closing with unread bytes would take the answer back (TCP resets).
  private func linger(_ connection: any Connection) async {
    connection.shutdownWrite()
    // Whatever ends the wait, the connection is closed.
    _ = try? await withDeadline(milliseconds: 500) {
      var left = 1 << 20
      while left > 0 {
        let bytes = try await connection.read()
        if bytes.isEmpty { return }
        left -= bytes.count
      }
    }
    connection.close()
  }
}
