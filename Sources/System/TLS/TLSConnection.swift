import CSSL
import Linux
import Reactor

/// A TCP connection whose bytes are secret (RFC 8446). Several tasks may read and write at once.
public final class TLSConnection: Connection {
  private let descriptor: AsyncDescriptor
  private let session: TLSSession
  private let writeTurns = Turns()

  private init(_ descriptor: AsyncDescriptor, _ session: TLSSession) {
    self.descriptor = descriptor
    self.session = session
  }

  /// Shakes hands; `name` is who a client wants to talk to. Throws `TLSError`, `SyscallError`, `CancellationError`; the
  /// descriptor stays open then.
  public static func open(
    _ descriptor: AsyncDescriptor, _ context: TLSContext, name: String = ""
  ) async throws -> TLSConnection {
    let session = try descriptor.withRaw { raw throws(SyscallError) in
      Result { try TLSSession(context, raw, name) }
    }
    .get()
    let connection = TLSConnection(descriptor, session)
    while true {
      try Task.checkCancellation()
      if try await connection.proceed({ $0.shakeHands() }) != nil { return connection }
    }
  }

  /// At most `count` bytes as soon as there are some; none at the end.
  public func read(upTo count: Int) async throws -> [UInt8] {
    while true {
      try Task.checkCancellation()
      if let bytes = try await proceed({ $0.read(upTo: count) }) { return bytes }
    }
  }

  public func readNow(upTo count: Int) throws -> [UInt8]? {
    switch try step({ $0.read(upTo: count) }) {
    case .done(let bytes): bytes
    case .failed(let error): throw error
    case .wantsRead, .wantsWrite: nil
    }
  }

  public func write(_ bytes: [UInt8]) async throws {
    if bytes.isEmpty { return }
    try Task.checkCancellation()
    try await writeTurns.take()
    defer { writeTurns.pass() }
    var done = 0
    while done < bytes.count {
      let start = done
      if let count = try await proceed({ $0.write(bytes, from: start) }) { done += count }
    }
  }

  /// The farewell (close_notify) goes out behind what is being written; reading goes on.
  public func shutdownWrite() {
    Task {
      // The other side may be gone already, and then nobody is left to be told.
      try? await self.sayFarewell()
    }
  }

  private func sayFarewell() async throws {
    try await writeTurns.take()
    defer { writeTurns.pass() }
    while try await proceed({ $0.sayFarewell() }) == nil {}
  }

  public func gone() async throws { try await descriptor.gone() }
  public var isReadByPeer: Bool { descriptor.isReadByPeer }

  /// Says farewell if that can be done without waiting, and closes.
  public func close() {
    // Whether it could be said or not, this is the end.
    _ = try? step { $0.sayFarewell() }
    descriptor.close()
  }

  /// One step of OpenSSL; nil when it has to be done again, after the wait that it asked for.
  private func proceed<Value: Sendable>(_ body: (TLSSession) -> TLSStep<Value>) async throws -> Value? {
    switch try step(body) {
    case .done(let value): return value
    case .failed(let error): throw error
    case .wantsRead: try await descriptor.readable()
    case .wantsWrite: try await descriptor.writable()
    }
    return nil
  }

  /// While OpenSSL works with the descriptor's number, nobody closes it.
  private func step<Value>(_ body: (TLSSession) -> TLSStep<Value>) throws(SyscallError) -> TLSStep<Value> {
    try descriptor.withRaw { _ throws(SyscallError) in body(session) }
  }
}
