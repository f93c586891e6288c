import DockerAPI
import HTTP
import JSON
import Synchronization

/// A stream of JSON lines that begins with its first line, so that an error before it still is an HTTP error.
final class ProgressStream: Sendable {
  private let call: Call
  private let started = Mutex<HTTPResponseStream?>(nil)

  init(_ call: Call) { self.call = call }

  /// Throws when the client has gone. One task sends.
  func send(_ message: ProgressMessage) async throws {
    try await stream().write(JSON.encode(message, as: .plain) + [0x0d, 0x0a])
  }

  /// Sends the head now: from here on failures are told in the stream.
  func begin() async throws { _ = try await stream() }

  /// One line of status.
  func say(_ status: String) async throws {
    var message = ProgressMessage()
    message.status = status
    try await send(message)
  }

  /// Runs the work, and tells its failure in the way that is still possible.
  func run(_ work: () async throws -> Void) async throws {
    do {
      try await work()
    } catch {
      guard started.withLock({ $0 != nil }), !(error is CancellationError) else { throw error }
      try await send(Self.failure(error))
    }
    try await stream().finish()
  }

  /// Runs work that reports without waiting; its reports are sent as the client takes them. A client that goes takes
  /// the work along.
  func runReporting(
    quiet: Bool = false,
    _ work: @escaping @Sendable (@escaping @Sendable (ProgressMessage) -> Void) async throws -> Void
  ) async throws {
    try await call.exchange.whileConnected { [self] in
      try await run { try await report(quiet, work) }
    }
  }

  private func report(
    _ quiet: Bool, _ work: @Sendable (@escaping @Sendable (ProgressMessage) -> Void) async throws -> Void
  ) async throws {
    let (messages, continuation) = AsyncStream.makeStream(of: ProgressMessage.self)
    async let working: Void = {
      defer { continuation.finish() }
      try await work { message in continuation.yield(message) }
    }()
    for await message in messages where !quiet || message.progressDetail == nil { try await send(message) }
    try await working
  }

  static func failure(_ error: any Error, code: Int? = nil) -> ProgressMessage {
    var message = ProgressMessage()
    var detail = ErrorDetail()
    detail.code = code
    detail.message = statusAndMessage(error).message
    message.errorDetail = detail
    message.error = detail.message
    return message
  }

  private func stream() async throws -> HTTPResponseStream {
    if let stream = started.withLock({ $0 }) { return stream }
    // The head could not be sent: the client has gone.
    guard !call.exchange.isAnswered else { throw CancellationError() }
    let stream = try await call.stream("application/json")
    started.withLock { $0 = stream }
    return stream
  }
}
