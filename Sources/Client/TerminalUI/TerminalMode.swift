import Linux

/// The terminal on standard input with other settings for a while. Ending it, or forgetting it, restores the terminal.
public final class TerminalMode: Sendable {
  private let before: TerminalSettings?

  /// Does nothing where standard input is no terminal.
  private init(_ change: (borrowing FileDescriptor) throws(SyscallError) -> TerminalSettings) {
    let input = StandardStream.input
    guard input.isTerminal else {
      before = nil
      return
    }
    Ending.keepTerminal(input.rawValue)
    // A terminal that cannot be changed is used as it is.
    before = try? input.result(change).get()
  }

  /// Keys go to a container: bytes pass as they are.
  public static func raw() -> TerminalMode {
    TerminalMode { file throws(SyscallError) in try file.makeRawTerminal() }
  }

  /// What is typed is not shown.
  static func silent() -> TerminalMode {
    TerminalMode { file throws(SyscallError) in try file.switchEchoOff() }
  }

  /// Puts the terminal back.
  public func end() {
    guard let before else { return }
    // If the terminal is gone there is nothing to restore.
    _ = StandardStream.input.result { file throws(SyscallError) in try file.setTerminalSettings(before) }
    Ending.forgetTerminal()
  }

  deinit { end() }
}
