import BuildKitAPI
import Builder
import GRPC
import Protobuf
import Reactor

/// A connection to a client's ssh agent, in the messages of a call.
final class AgentCall: AgentConnection {
  private let call: GRPCClientCall
  private let closed = Latch()

  init(_ call: GRPCClientCall) { self.call = call }

  func read() async throws -> [UInt8] { try await BytesMessage.bytes(from: call.next) }

  func write(_ bytes: [UInt8]) async throws { try await call.send(BytesMessage(bytes)) }

  func untilGone() async {
    // Cancelled is gone, too; the other side's end is heard by reading.
    try? await closed.wait()
  }

  func close() {
    closed.open()
    call.cancel()
  }
}
