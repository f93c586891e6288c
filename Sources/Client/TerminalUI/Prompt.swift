import Linux

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
    let echo = TerminalMode.silent()
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
