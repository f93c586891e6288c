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
    // A terminal that cannot be changed is used as it is.
    before = try? input.result { file throws(SyscallError) in try file.makeRawTerminal() }.get()
  }

  /// Puts the terminal back.
  public func end() {
    guard let before else { return }
    // If the terminal is gone there is nothing to restore.
    _ = StandardStream.input.result { file throws(SyscallError) in try file.setTerminalSettings(before) }
  }

  deinit { end() }
}

/// Reading a secret: what is typed is not shown.
public enum HiddenInput {
  /// A line from standard input, without its end; nil at the end of input.
  public static func line(prompt: String) -> String? {
    StandardStream.error.write(prompt)
    let echo = EchoOff()
    defer {
      echo.end()
      StandardStream.error.write("\n")
    }
    return InputLines.next()
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
    // Where there is no terminal nothing is echoed.
    before = try? StandardStream.input.result { file throws(SyscallError) in try file.switchEchoOff() }.get()
  }

  func end() {
    guard let before else { return }
    _ = StandardStream.input.result { file throws(SyscallError) in try file.setTerminalSettings(before) }
  }
}
