import CLinux
import Glibc

/// A terminal's size in characters.
public struct WindowSize: Hashable, Sendable {
  public var rows: UInt16
  public var columns: UInt16
  public init(rows: UInt16, columns: UInt16) {
    self.rows = rows
    self.columns = columns
  }
}

/// A new pseudo-terminal (pty(7)).
public struct PseudoTerminal: ~Copyable {
  public let master: FileDescriptor
  /// Its number: the other end is `/dev/pts/<number>`.
  public let number: Int32

  /// Opens a `ptmx`, the host's or that of a container's own `devpts`, and unlocks the other end.
  public init(multiplexer: String = "/dev/ptmx") throws(SyscallError) {
    try self.init(FileDescriptor.open(multiplexer, [.readWrite, .noControllingTerminal]))
  }

  /// Takes an open multiplexer and unlocks the other end.
  public init(_ multiplexer: consuming FileDescriptor) throws(SyscallError) {
    let raw = multiplexer.rawValue
    var assigned: CInt = 0
    try syscall("ioctl", on: "TIOCSPTLCK") { clinux_unlock_pty(raw, &assigned) }
    master = multiplexer
    number = assigned
  }

  /// The other end, without looking for its path (`TIOCGPTPEER`).
  public borrowing func openPeer() throws(SyscallError) -> FileDescriptor {
    let raw = master.rawValue
    return FileDescriptor(owning: try syscall("ioctl", on: "TIOCGPTPEER") { clinux_open_pty_peer(raw) })
  }

  /// Keeps the master, which the other end's last close hangs up.
  public consuming func intoMaster() -> FileDescriptor { master }
}

/// A terminal's settings as they were, to be restored (tcgetattr(3)).
public struct TerminalSettings: Sendable {
  fileprivate let raw: termios
}

extension FileDescriptor {
  /// Lines that are written to this terminal end with a newline alone: whoever shows them adds what he needs.
  public borrowing func keepNewlines() throws(SyscallError) {
    var settings = try terminalSettings().raw
    settings.c_oflag &= ~tcflag_t(ONLCR)
    try setTerminalSettings(TerminalSettings(raw: settings))
  }

  public borrowing func isTerminal() -> Bool { isatty(rawValue) == 1 }

  /// `TIOCGWINSZ`.
  public borrowing func windowSize() throws(SyscallError) -> WindowSize {
    var rows: UInt16 = 0
    var columns: UInt16 = 0
    let raw = rawValue
    try syscall("ioctl", on: "TIOCGWINSZ") { clinux_get_window_size(raw, &rows, &columns) }
    return WindowSize(rows: rows, columns: columns)
  }

  /// `TIOCSWINSZ`; the foreground group gets `SIGWINCH`.
  public borrowing func setWindowSize(_ size: WindowSize) throws(SyscallError) {
    let raw = rawValue
    try syscall("ioctl", on: "TIOCSWINSZ") { clinux_set_window_size(raw, size.rows, size.columns) }
  }

  /// The process group that reads from this terminal and gets its signals from now on (`tcsetpgrp(3)`).
  public borrowing func setForegroundGroup(_ group: Int32) throws(SyscallError) {
    let raw = rawValue
    try syscall("tcsetpgrp", on: "group \(group)") { tcsetpgrp(raw, group) }
  }

  /// Makes this terminal the one of the caller's session, which must have none (`TIOCSCTTY`).
  public borrowing func becomeControllingTerminal() throws(SyscallError) {
    let raw = rawValue
    try syscall("ioctl", on: "TIOCSCTTY") { clinux_set_controlling_terminal(raw) }
  }

  public borrowing func terminalSettings() throws(SyscallError) -> TerminalSettings {
    var settings = termios()
    let raw = rawValue
    try syscall("tcgetattr") { tcgetattr(raw, &settings) }
    return TerminalSettings(raw: settings)
  }

  public borrowing func setTerminalSettings(_ settings: TerminalSettings) throws(SyscallError) {
    var settings = settings.raw
    let raw = rawValue
    try syscall("tcsetattr") { tcsetattr(raw, TCSANOW, &settings) }
  }

  /// Bytes pass as they are, both ways: no echo, no lines, no signals (cfmakeraw(3)). With `keepingOutput`
  /// only those that come in. The settings before.
  public borrowing func makeRawTerminal(keepingOutput: Bool = false) throws(SyscallError) -> TerminalSettings
  {
    let before = try terminalSettings()
    var settings = before.raw
    cfmakeraw(&settings)
    if keepingOutput { settings.c_oflag |= tcflag_t(OPOST) }
    try setTerminalSettings(TerminalSettings(raw: settings))
    return before
  }
}
