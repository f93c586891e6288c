import Linux
import Synchronization

/// Reads a log, the oldest line first, and goes on where it stopped when more has been written, across rotations.
///
/// Every call blocks for as long as a file is read. Follow: call `next` until it answers nothing, wait for `watch` to
/// become readable (open it before the first `next`), and again.
public final class LogReader: Sendable {
  private let state: Mutex<LogCursor>
  private let directory: String

  /// A log that is not there is empty until it is.
  public init(path: String, query: LogQuery = LogQuery()) throws(SyscallError) {
    directory = path.lastIndex(of: "/").map { String(path[...$0]) } ?? "."
    state = Mutex(try LogCursor(path: path, query: query))
  }

  /// The next entries, about 64 KiB of file at a time; none where no more is there now.
  public func next() throws(SyscallError) -> [LogEntry] {
    try state.withLock { cursor throws(SyscallError) in try cursor.next() }
  }

  /// Whether an entry after `until` was met, so that nothing wanted will follow.
  public var isPastUntil: Bool { state.withLock { $0.isPastUntil } }

  /// A new non-blocking descriptor that is readable when there may be more: read it empty, then call `next`.
  public func watch() throws(SyscallError) -> FileDescriptor { try FileWatch.directory(directory) }
}
