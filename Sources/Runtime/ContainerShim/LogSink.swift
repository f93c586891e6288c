import ContainerLog
import Linux

/// The container's log; a disk that is full loses lines, never the container.
final class LogSink {
  private var writer: LogWriter
  /// Calls that the kernel refused so far.
  private(set) var failures = 0

  init(_ writer: consuming LogWriter) { self.writer = writer }

  func take(_ stream: LogStream, _ bytes: ArraySlice<UInt8>) {
    attempt { writer throws(SyscallError) in try writer.append(stream, bytes, at: Clock.realtime) }
  }

  func end() {
    attempt { writer throws(SyscallError) in try writer.end(at: Clock.realtime) }
  }

  private func attempt(_ body: (inout LogWriter) throws(SyscallError) -> Void) {
    do {
      try body(&writer)
    } catch {
      failures += 1
      if failures == 1 { Diagnostics.say("log: \(error)") }
    }
  }
}
