import HTTP2
import Protobuf

/// Calls methods of whoever is at the other end of a connection that somebody runs.
public struct GRPCClient: Sendable {
  private let connection: HTTP2Connection
  private let messageLimit: Int

  public init(_ connection: HTTP2Connection, messageLimit: Int = 16 << 20) {
    self.connection = connection
    self.messageLimit = messageLimit
  }

  /// Begins a call. Dropping it before its end cancels it for the other side too.
  public func call(_ path: String, metadata: [HeaderField] = []) throws -> GRPCClientCall {
    let head = [
      HeaderField(":method", "POST"), HeaderField(":scheme", "http"), HeaderField(":path", path),
      HeaderField(":authority", "localhost"), GRPCHeaders.contentType, HeaderField("te", "trailers"),
    ]
    return GRPCClientCall(try connection.open(head + metadata), messageLimit: messageLimit)
  }

  /// One question, one answer. Throws `GRPCStatus` for one that says no.
  public func ask<Answer: ProtobufReadable>(
    _ path: String, _ question: some ProtobufWritable, as type: Answer.Type, metadata: [HeaderField] = []
  ) async throws -> Answer {
    let call = try call(path, metadata: metadata)
    try await call.send(question)
    call.finish()
    guard let bytes = try await call.next() else { throw GRPCStatus(.internal, "\(path): no answer came") }
    return try Answer(protobuf: bytes)
  }
}

/// One call on the client's side.
public final class GRPCClientCall: Sendable {
  private let stream: HTTP2Stream
  private let messages: GRPCMessages

  init(_ stream: HTTP2Stream, messageLimit: Int) {
    self.stream = stream
    messages = GRPCMessages(stream, limit: messageLimit)
  }

  public func send(_ message: some ProtobufWritable) async throws { try await send(bytes: message.encoded()) }

  /// Throws the status of a call that the other side has ended.
  public func send(bytes: [UInt8]) async throws {
    do { try await stream.write(GRPCMessages.framed(bytes)) } catch HTTP2Error.reset(let code) {
      throw try await ending() ?? HTTP2Error.reset(code)
    }
  }

  /// How the other side has ended the call; nil where it has not said so. Reads none of its messages.
  private func ending() async throws -> GRPCStatus? {
    let last = try await last()
    guard last["grpc-status"] != nil else { return nil }
    return GRPCHeaders.status(last) ?? GRPCStatus(.aborted, "the call has ended")
  }

  /// The fields in which the status stands when all has come: the trailers, or the head of an answer without messages.
  private func last() async throws -> [HeaderField] {
    let headers = try await stream.headers()
    let trailers = stream.trailers
    return trailers.isEmpty ? headers : trailers
  }

  /// Ends the call for both sides at once.
  public func cancel() { stream.reset() }

  /// Says that no more will be sent.
  public func finish() { stream.finish() }

  /// The next message; nil when the call has ended well. Throws `GRPCStatus` when it has not.
  public func next() async throws -> [UInt8]? {
    let headers = try await stream.headers()
    guard headers[":status"] == "200" else {
      throw GRPCStatus(.unknown, "the status \(headers[":status"] ?? "") came")
    }
    if let message = try await messages.next() { return message }
    if let status = GRPCHeaders.status(try await last()) { throw status }
    return nil
  }
}
