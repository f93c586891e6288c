import Linux
import TextFormats

/// The program's standard streams; they stay open.
public enum StandardStream: CInt, Sendable {
  case input = 0
  case output = 1
  case error = 2

  /// Whether a person sits at the other end.
  public var isTerminal: Bool { use { $0.isTerminal() } }

  /// The size in characters; nil when this is no terminal.
  public var windowSize: WindowSize? {
    // Not being a terminal is an answer, not an error.
    try? result { file throws(SyscallError) in try file.windowSize() }.get()
  }

  /// The size that a new terminal in a container shall have to be like this one: rows and columns; nil when this is none.
  public var consoleSize: [UInt]? { windowSize.map { [UInt($0.rows), UInt($0.columns)] } }

  /// Whether lines can be drawn over: a terminal that knows how to move its cursor.
  public var drawsInPlace: Bool { isTerminal && Environment.value("TERM") != "dumb" }

  /// The size to draw for. A terminal that does not know its own says zero, and is taken for one of 80x24.
  public var drawingSize: (columns: Int, rows: Int) {
    let size = windowSize
    let columns = Int(size?.columns ?? 0)
    let rows = Int(size?.rows ?? 0)
    return (columns > 0 ? columns : 80, rows > 0 ? rows : 24)
  }

  /// Writes all bytes. When whoever read is gone, nobody is left to be told anything: the program ends.
  public func write(_ bytes: [UInt8]) {
    let outcome = result { file throws(SyscallError) in try file.write(bytes) }
    if case .failure(let error) = outcome, error.errno == .brokenPipe { Processes.exit(141) }
  }

  public func write(_ text: String) { write(Array(text.utf8)) }

  /// Writes a line.
  public func line(_ text: String) { write(text + "\n") }

  /// A descriptor of its own for the same open file.
  public func duplicate() throws(SyscallError) -> FileDescriptor {
    let file = FileDescriptor(owning: rawValue)
    do {
      let copy = try file.duplicate()
      _ = file.release()
      return copy
    } catch {
      _ = file.release()
      throw error
    }
  }

  private func use<Value>(_ body: (borrowing FileDescriptor) -> Value) -> Value {
    let file = FileDescriptor(owning: rawValue)
    let value = body(file)
    _ = file.release()
    return value
  }

  func result<Value>(
    _ body: (borrowing FileDescriptor) throws(SyscallError) -> Value
  ) -> Result<Value, SyscallError> {
    use { file in
      do throws(SyscallError) {
        return .success(try body(file))
      } catch {
        return .failure(error)
      }
    }
  }
}
