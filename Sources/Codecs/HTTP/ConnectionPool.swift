import Linux
import Reactor
import Synchronization

/// A client's connections between two requests.
final class ConnectionPool: Sendable {
  private struct Kept {
    let connection: any Connection
    let since: Int64
  }

  /// Far less than servers keep silent connections, so that ours is not closed just when it is used.
  private static let longestNanoseconds: Int64 = 30_000_000_000
  private static let most = 8

  private let kept = Mutex<[Kept]>([])

  /// The connection used last that is still open.
  func take() -> (any Connection)? {
    let now = Clock.monotonic
    while let last = kept.withLock({ $0.popLast() }) {
      if now - last.since < Self.longestNanoseconds, isSilent(last.connection) { return last.connection }
      last.connection.close()
    }
    return nil
  }

  /// Anything that can be read, the end included, is the server's farewell.
  private func isSilent(_ connection: any Connection) -> Bool {
    do { return try connection.readNow(upTo: 1) == nil } catch { return false }
  }

  func give(_ connection: any Connection) {
    kept.withLock { kept in
      kept.append(Kept(connection: connection, since: Clock.monotonic))
      if kept.count > Self.most { kept.removeFirst() }
    }
  }
}
