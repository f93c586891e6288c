import BuildKitAPI
import GRPC
import HTTP2
import Protobuf
import Reactor

/// The bytes of a session that travel in the messages of a call.
final class CallChannel: ByteChannel {
  private let call: GRPCCall
  private let closed = Latch()

  init(_ call: GRPCCall) { self.call = call }

  func read() async throws -> [UInt8] { try await BytesMessage.bytes(from: next) }

  /// Nil at the end, and when it is closed here.
  private func next() async throws -> [UInt8]? {
    try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
      group.addTask { [call] in try await call.next() }
      group.addTask { [closed] in
        try await closed.wait()
        return nil
      }
      defer { group.cancelAll() }
      return try await group.next() ?? nil
    }
  }

  func write(_ bytes: [UInt8]) async throws {
    guard !closed.isOpen else { throw HTTP2Error.gone }
    try await call.send(BytesMessage(bytes))
  }

  func close() { closed.open() }
}

extension BytesMessage {
  /// What the next message has that is not empty; none where `next` has no more.
  static func bytes(from next: () async throws -> [UInt8]?) async throws -> [UInt8] {
    while let message = try await next() {
      let bytes = try BytesMessage(protobuf: message).data
      if !bytes.isEmpty { return bytes }
    }
    return []
  }
}
