import DockerClient
import Linux
import Reactor
import TerminalUI

/// Carries bytes between this program's standard streams and a container's.
struct StreamPump: Sendable {
  enum End: Sendable { case finished, detached }

  let streams: AttachedStreams
  /// Whether standard input goes to the container.
  var input = false
  /// Whether what is typed may detach.
  var keys: [UInt8]?

  /// Returns when the container's output ends, or when the user detaches.
  func run() async throws -> End {
    if !input { return try await output() }
    return try await withThrowingTaskGroup(of: End?.self) { group in
      group.addTask { try await output() }
      group.addTask { try await feed() }
      while let end = try await group.next() {
        guard let end else { continue }
        if end == .detached { streams.close() }
        group.cancelAll()
        return end
      }
      return .finished
    }
  }

  private func output() async throws -> End {
    do {
      for try await piece in streams {
        (piece.stream == .stdout ? StandardStream.output : .error).write(piece.bytes)
      }
    } catch let error as SyscallError where [.connectionReset, .badFileDescriptor].contains(error.errno) {
      // The other side went away: that is the end.
    }
    return .finished
  }

  /// Nil when the input ended before the output.
  private func feed() async throws -> End? {
    let input = AsyncDescriptor(shared: try StandardStream.input.duplicate())
    var scanner = keys.map(DetachKeys.init)
    while true {
      let bytes = try await input.read()
      if bytes.isEmpty { break }
      let (passed, detached) = scanner?.feed(bytes) ?? (bytes, false)
      do {
        if !passed.isEmpty { try await streams.write(passed) }
      } catch is SyscallError {
        // Nobody takes input any more; output may go on.
        return nil
      }
      if detached { return .detached }
    }
    streams.closeInput()
    return nil
  }
}
