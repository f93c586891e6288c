import HTTP
import Linux
import Synchronization
import TerminalUI
import TextFormats

/// Tells whoever sits at the terminal how much of a build's context has been sent: a large one takes its time.
final class ContextMeter: Sendable {
  private struct State {
    var sent: Int64 = 0
    var toldAt: Int64?
  }

  private let state = Mutex(State())
  private let stream: StandardStream

  init(on stream: StandardStream) { self.stream = stream }

  /// The same body, which tells where it is; as it was where lines cannot be drawn over.
  func measured(_ body: HTTPRequestBody) -> HTTPRequestBody {
    guard case .stream(let pieces) = body, stream.drawsInPlace else { return body }
    return .stream {
      let piece = try await pieces()
      self.count(piece)
      return piece
    }
  }

  private func count(_ piece: [UInt8]?) {
    state.withLock { state in
      state.sent += Int64(piece?.count ?? 0)
      let now = Clock.monotonic
      // Ten times a second, and the whole in the end.
      if piece != nil, let toldAt = state.toldAt, now - toldAt < 100_000_000 { return }
      state.toldAt = now
      stream.write(
        "\r\u{1B}[2KSending build context to Skiff daemon  \(ByteSize.decimal(Double(state.sent)))")
    }
  }

  /// Ends the line, if there is one.
  func end() {
    state.withLock { state in
      guard state.toldAt != nil else { return }
      state.toldAt = nil
      stream.write("\n")
    }
  }
}
