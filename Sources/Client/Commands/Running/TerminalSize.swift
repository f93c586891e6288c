import Linux
import Reactor
import TerminalUI

/// Telling a container's terminal how large ours is, now and whenever it changes.
enum TerminalSize {
  /// Follows the size until cancelled. The first try may come before there is a terminal: it is repeated.
  static func follow(_ resize: @escaping @Sendable (WindowSize) async throws -> Void) -> Task<Void, Never> {
    Task {
      let changes = Signals.stream([Signal.windowChange.rawValue])
      for attempt in 1...10 {
        if await tell(resize) || Task.isCancelled { break }
        // A cancelled wait ends at the next look.
        try? await sleep(milliseconds: 10 * attempt)
      }
      for await _ in changes { _ = await tell(resize) }
    }
  }

  private static func tell(_ resize: @Sendable (WindowSize) async throws -> Void) async -> Bool {
    guard let size = StandardStream.output.windowSize ?? StandardStream.input.windowSize, size.rows > 0 else {
      return true
    }
    do {
      try await resize(size)
      return true
    } catch {
      return false
    }
  }
}
