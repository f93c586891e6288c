import Glibc

extension FileDescriptor {
  /// What is typed is no longer shown (`ECHO` off, tcsetattr(3)); the settings before.
  public borrowing func switchEchoOff() throws(SyscallError) -> TerminalSettings {
    let before = try terminalSettings()
    let raw = rawValue
    var settings = termios()
    try syscall("tcgetattr") { tcgetattr(raw, &settings) }
    settings.c_lflag &= ~tcflag_t(ECHO)
    try syscall("tcsetattr") { tcsetattr(raw, TCSANOW, &settings) }
    return before
  }
}
