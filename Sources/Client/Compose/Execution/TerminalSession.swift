import DockerClient
import Linux
import Reactor
import TerminalUI

/// Carries bytes between this program's standard streams and a process in a container.
struct TerminalSession: Sendable {
  let streams: AttachedStreams
  /// Whether standard input goes to the process.
  let input: Bool
  let tty: Bool

  /// Returns when the process's output ends; `resize` is told the terminal's size, now and when it changes.
  func run(resize: @escaping @Sendable (WindowSize) async throws -> Void) async throws {
    let raw = tty ? TerminalMode.raw() : nil
    defer { raw?.end() }
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask {
        try await show()
        return true
      }
      if input {
        group.addTask {
          try await feed()
          return false
        }
      }
      if tty {
        group.addTask {
          await follow(resize)
          return false
        }
      }
      while let ended = try await group.next() {
        guard ended else { continue }
        group.cancelAll()
        return
      }
    }
  }

  private func show() async throws {
    do {
      for try await piece in streams {
        (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
      }
    } catch let error as SyscallError where [.connectionReset, .badFileDescriptor].contains(error.errno) {
      // The other side went away: that is the end.
    }
  }

  private func feed() async throws {
    let input = AsyncDescriptor(shared: try StandardStream.input.duplicate())
    do {
      while true {
        let bytes = try await input.read()
        if bytes.isEmpty { break }
        try await streams.write(bytes)
      }
    } catch is SyscallError {
      // Nobody takes input any more; output may go on.
    }
    streams.closeInput()
  }

  private func follow(_ resize: @Sendable (WindowSize) async throws -> Void) async {
    let changes = Signals.stream([Signal.windowChange.rawValue])
    await tell(resize)
    for await _ in changes { await tell(resize) }
  }

  private func tell(_ resize: @Sendable (WindowSize) async throws -> Void) async {
    guard let size = StandardStream.output.windowSize, size.rows > 0 else { return }
    // The process may not be there yet or any more; its terminal then keeps the size it has.
    try? await resize(size)
  }
}
