import Linux

/// Why the runtime did not do what it was asked.
public struct RuntimeError: Error, Hashable, Sendable, CustomStringConvertible {
  public enum Kind: UInt8, Sendable {
    /// A step failed: the message names it.
    case failed = 0
    /// The bundle or the arguments make no sense.
    case invalid
    /// The command is not in the container (a shell's 127).
    case commandNotFound
    /// The command is there and cannot be executed (a shell's 126).
    case commandNotExecutable
    case noSuchContainer
    case containerExists
    /// Not in this state: not running, already started.
    case wrongState
  }
  public var kind: Kind
  public var message: String

  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// A system call that failed while `step` was done: `mount proc on /proc: …`.
  init(step: String, _ cause: SyscallError) {
    kind = .failed
    message = "\(step): \(cause)"
  }

  public var description: String { message }
}

/// Runs `body`; what it throws is told as a failure of the step.
func step<R: ~Copyable>(
  _ name: @autoclosure () -> String, _ body: () throws(SyscallError) -> R
) throws(RuntimeError) -> R {
  do throws(SyscallError) { return try body() } catch { throw RuntimeError(step: name(), error) }
}
