import HTTP2
import Protobuf
import Reactor
import Synchronization

/// Answers calls by their path, `/package.Service/Method`.
public struct GRPCServer: Sendable {
  public typealias Handler = @Sendable (GRPCCall) async throws -> Void

  private let methods: [String: Handler]
  private let messageLimit: Int

  /// - Parameter messageLimit: bytes of the longest message that is taken.
  public init(_ methods: [String: Handler], messageLimit: Int = 16 << 20) {
    self.methods = methods
    self.messageLimit = messageLimit
  }

  /// Serves a connection until it ends. Calls whose client has gone are cancelled.
  public func serve(_ connection: HTTP2Connection) async {
    await connection.run { stream in await answer(stream) }
  }

  private func answer(_ stream: HTTP2Stream) async {
    do {
      let headers = try await stream.headers()
      guard headers["content-type"]?.hasPrefix("application/grpc") == true, headers[":method"] == "POST"
      else {
        try stream.respond([HeaderField(":status", "415")], isWhole: true)
        return try await stream.untilSent()
      }
      let call = GRPCCall(stream, headers, messageLimit: messageLimit)
      let status = await status(of: call)
      try call.end(status)
      try await stream.untilSent()
    } catch {
      // The client has gone.
    }
  }

  /// Nil where all went well.
  private func status(of call: GRPCCall) async -> GRPCStatus? {
    guard let handler = methods[call.path] else {
      return GRPCStatus(.unimplemented, "unknown method \(call.path)")
    }
    do {
      guard let timeout = call.headers["grpc-timeout"].flatMap(GRPCHeaders.timeout) else {
        try await handler(call)
        return nil
      }
      try await withDeadline(milliseconds: timeout) { try await handler(call) }
      return nil
    } catch {
      return GRPCStatus.of(error)
    }
  }
}

/// One call on the server's side.
public final class GRPCCall: Sendable {
  private let stream: HTTP2Stream
  private let messages: GRPCMessages
  public let headers: [HeaderField]
  private let hasBegun = Mutex(false)

  init(_ stream: HTTP2Stream, _ headers: [HeaderField], messageLimit: Int) {
    self.stream = stream
    self.headers = headers
    messages = GRPCMessages(stream, limit: messageLimit)
  }

  public var path: String { headers[":path"] ?? "" }

  /// The next message; nil when the client has said all.
  public func next() async throws -> [UInt8]? { try await messages.next() }

  /// The one message of a call that has one.
  public func request<Message: ProtobufReadable>(_ type: Message.Type) async throws -> Message {
    guard let bytes = try await next() else { throw GRPCStatus(.invalidArgument, "the request is missing") }
    return try Message(protobuf: bytes)
  }

  public func send(_ message: some ProtobufWritable) async throws { try await send(bytes: message.encoded()) }

  public func send(bytes: [UInt8]) async throws {
    try begin()
    try await stream.write(GRPCMessages.framed(bytes))
  }

  /// Sends the head, which otherwise goes with the first message.
  public func begin() throws {
    guard
      hasBegun.withLock({ begun in
        defer { begun = true }; return !begun
      })
    else { return }
    try stream.respond([HeaderField(":status", "200"), GRPCHeaders.contentType])
  }

  func end(_ status: GRPCStatus?) throws {
    let trailers = GRPCHeaders.trailers(status)
    if hasBegun.withLock({ $0 }) { return stream.finish(trailers: trailers) }
    try stream.respond([HeaderField(":status", "200"), GRPCHeaders.contentType] + trailers, isWhole: true)
  }
}
