import Linux

/// The terminal on standard input while its keys go to a container: bytes pass as they are. Ending it, or
/// forgetting it, restores the terminal.
public final class RawMode: Sendable {
  private let before: TerminalSettings?

  /// Does nothing where standard input is no terminal.
  public init() {
    let input = StandardStream.input
    guard input.isTerminal else {
      before = nil
      return
    }
    Ending.keepTerminal(StandardStream.input.rawValue)
    // A terminal that cannot be changed is used as it is.
    before = try? input.result { file throws(SyscallError) in try file.makeRawTerminal() }.get()
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

/// Asking whoever sits at the terminal.
public enum Prompt {
  /// The line that is answered on standard input, without its end; nil at the end of input. A signal that ends the
  /// program leaves no line open.
  public static func line(_ question: String) -> String? {
    Ending.hasOpenLine(true)
    StandardStream.output.write(question)
    defer { Ending.hasOpenLine(false) }
    return InputLines.next()
  }

  /// The same, for a secret: what is typed is not shown.
  public static func hiddenLine(_ question: String) -> String? {
    let echo = EchoOff()
    defer {
      echo.end()
      StandardStream.output.write("\n")
    }
    return line(question)
  }
}

/// Lines from standard input, read byte by byte so that nothing is taken from whoever reads next.
public enum InputLines {
  public static func next() -> String? {
    var bytes: [UInt8] = []
    while bytes.count < 65536 {
      let outcome = StandardStream.input.result { file throws(SyscallError) in try file.read(upTo: 1) }
      guard case .success(let byte) = outcome, let byte = byte.first else {
        return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
      }
      if byte == 10 { break }
      bytes.append(byte)
    }
    if bytes.last == 13 { bytes.removeLast() }
    return String(decoding: bytes, as: UTF8.self)
  }
}

/// The terminal's echo switched off until the end.
private final class EchoOff {
  private let before: TerminalSettings?

  init() {
    Ending.keepTerminal(StandardStream.input.rawValue)
    // Where there is no terminal nothing is echoed.
    before = try? StandardStream.input.result { file throws(SyscallError) in try file.switchEchoOff() }.get()
  }

  func end() {
    guard let before else { return }
    _ = StandardStream.input.result { file throws(SyscallError) in try file.setTerminalSettings(before) }
    Ending.forgetTerminal()
  }
}
