import CLinux
import Glibc
import Linux

/// Signals as values. They are caught by a handler and not blocked, so that programs started from here inherit
/// neither a mask nor an ignored signal.
public enum Signals {
  /// Every arrival of one of these signals, from now until the stream is dropped; then what was before is back.
  /// A signal belongs to the stream that asked for it last.
  public static func stream(_ signals: [CInt]) -> AsyncStream<CInt> {
    let (stream, continuation) = AsyncStream.makeStream(of: CInt.self)
    let input: AsyncDescriptor
    let output: CInt
    do {
      (input, output) = try makePipe()
    } catch {
      preconditionFailure("a pipe for signals: \(error)")
    }
    for signal in signals { clinux_reactor_signal_forward(signal, output) }
    let reader = Task {
      // The pipe is ours alone: it ends when the stream is dropped and closes it.
      while let bytes = try? await input.read(upTo: 64), !bytes.isEmpty {
        for byte in bytes { continuation.yield(CInt(byte)) }
      }
      continuation.finish()
    }
    continuation.onTermination = { _ in
      for signal in signals { clinux_reactor_signal_release(signal) }
      reader.cancel()
      input.close()
      _ = Glibc.close(output)
    }
    return stream
  }

  private static func makePipe() throws(SyscallError) -> (AsyncDescriptor, CInt) {
    var ends: [CInt] = [0, 0]
    try syscall("pipe2") { clinux_pipe2(&ends, O_CLOEXEC | O_NONBLOCK) }
    return (try AsyncDescriptor(FileDescriptor(owning: ends[0])), ends[1])
  }
}
