import EngineErrors
import JSON
import Linux
import Reactor
import ShimProtocol
import Synchronization

/// A shim ended while it was asked: what is over with it was over before it answered.
public struct ShimGone: Error, CustomStringConvertible {
  public var description: String { "it has ended" }

  /// Whether an error of a connection says this.
  static func isSaid(by error: any Error) -> Bool {
    if error is ShimGone { return true }
    guard let errno = (error as? SyscallError)?.errno else { return false }
    return [.connectionReset, .connectionRefused, .brokenPipe, .noSuchFile].contains(errno)
  }
}

/// Frames, both ways, over one connection to a shim. One task reads at a time; any may write.
final class ShimConnection: Sendable {
  private let socket: AsyncDescriptor
  private let decoder = Mutex(ShimFrameDecoder())

  init(_ socket: AsyncDescriptor) { self.socket = socket }

  static func open(_ path: String) async throws -> ShimConnection {
    ShimConnection(try await Connect.unix(path))
  }

  func send(_ type: ShimFrame, _ payload: some Collection<UInt8>) async throws {
    try await socket.write(ShimFrames.encode(type, payload))
  }

  /// The next frame; nil when the shim has closed the connection.
  func next() async throws -> (type: ShimFrame, payload: [UInt8])? {
    while true {
      if let frame = try decoder.withLock({ decoder throws(ShimFrameError) in try decoder.next() }) {
        return frame
      }
      let bytes = try await socket.read()
      if bytes.isEmpty { return nil }
      decoder.withLock { $0.append(bytes) }
    }
  }

  /// Sends a request and waits for its reply.
  func ask(_ request: ShimRequest) async throws -> ShimReply {
    try await send(.request, JSON.encode(request))
    return try await reply()
  }

  func reply() async throws -> ShimReply {
    guard let frame = try await next(), frame.type == .reply else {
      throw ShimGone()
    }
    return try JSON.decode(ShimReply.self, from: frame.payload)
  }

  func close() { socket.close() }
}

extension ShimFailure {
  /// As the engine reports it; the message stays what it is, because clients read it.
  var asEngineError: EngineError {
    let kind: EngineError.Kind =
      switch self.kind {
      case .commandNotFound, .commandNotExecutable, .badRequest: .invalidArgument
      case .wrongPhase: .conflict
      case .noSuchExec: .notFound
      case .failed: .internal
      }
    return EngineError(kind, message, cause: self)
  }
}
