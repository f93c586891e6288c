import Linux
import Reactor
import TerminalUI

/// Telling a container's terminal how large ours is, now and whenever it changes.
enum TerminalSize {
  /// Follows the size until cancelled. The first try may come before there is a terminal: it is repeated.
  ///
  /// `redraws` makes the program draw what stood there before we came, its prompt for one: it draws when its terminal
  /// changes, so the size is another one for a moment.
  static func follow(
    redraws: Bool = false, _ resize: @escaping @Sendable (WindowSize) async throws -> Void
  ) -> Task<Void, Never> {
    Task {
      if redraws {
        _ = await tell { size in
          try await resize(WindowSize(rows: size.rows &+ 1, columns: size.columns &+ 1))
        }
      }
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
