import Linux
import ShimProtocol
import Synchronization

/// The streams of a container's first process, or of one beside it, as one client sees them.
public final class Session: Sendable {
  public enum Output: Sendable, Equatable {
    /// Of a terminal, everything.
    case stdout([UInt8])
    case stderr([UInt8])
  }

  /// The executed process as the host sees it; 0 for a session attached to the container itself.
  public let pid: Int32
  private let connection: ShimConnection
  private let ended = Mutex<Int32?>(nil)

  init(_ connection: ShimConnection, pid: Int32) {
    self.connection = connection
    self.pid = pid
  }

  deinit { connection.close() }

  /// The next output in its order; nil when there will be none: the process has ended, or `detach` was called, or the
  /// shim was killed. Only one task may wait for it.
  public func next() async throws -> Output? {
    while true {
      guard let frame = try await received() else { return nil }
      switch frame.type {
      case .output: return .stdout(frame.payload)
      case .errorOutput: return .stderr(frame.payload)
      case .exited:
        let code = frame.payload.reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
        ended.withLock { $0 = Int32(bitPattern: code) }
        return nil
      default: continue
      }
    }
  }

  /// Known once `next` has answered nil; nil where the connection broke first.
  public var exitCode: Int32? { ended.withLock { $0 } }

  /// Sends to the process's standard input; waits while it takes none. Throws once the session is over.
  public func write(_ bytes: [UInt8]) async throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      try await connection.send(.input, rest.prefix(32768))
      rest = rest.dropFirst(32768)
    }
  }

  /// The process's standard input ends.
  public func closeInput() async throws { try await connection.send(.endOfInput, []) }

  /// Ends the session; the process goes on.
  public func detach() { connection.close() }

  private func received() async throws -> (type: ShimFrame, payload: [UInt8])? {
    do {
      return try await connection.next()
    } catch let error as SyscallError
      where error.errno == .badFileDescriptor || error.errno == .connectionReset
    {
      // Detached by our own side, or a shim that was killed: both just end the stream.
      return nil
    }
  }
}
