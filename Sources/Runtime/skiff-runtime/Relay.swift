import ContainerRuntime
import Linux

/// Stands between the caller and a process in the foreground: passes terminal and signals on, and waits for
/// the end.
struct Relay: ~Copyable {
  private let terminal: FileDescriptor?
  private let process: Int32
  private let signals: SignalDescriptor
  private let epoll: Epoll

  private init(
    terminal: consuming FileDescriptor?, process: Int32, signals: consuming SignalDescriptor,
    epoll: consuming Epoll
  ) {
    self.terminal = terminal
    self.process = process
    self.signals = signals
    self.epoll = epoll
  }

  /// Watches from now on: what happens to the process later is not missed.
  static func watch(_ process: Int32, terminal: consuming FileDescriptor?) throws(RuntimeError) -> Relay {
    do throws(SyscallError) {
      // Before the process writes its first line.
      try keepNewlines(terminal)
      let signals = try SignalDescriptor([
        .child, .hangup, .interrupt, .quit, .terminate, .user1, .user2, .windowChange, .continue,
      ])
      return Relay(terminal: terminal, process: process, signals: signals, epoll: try Epoll())
    } catch {
      throw RuntimeError(.failed, "watch the process: \(error)")
    }
  }

  private static func keepNewlines(_ terminal: borrowing FileDescriptor?) throws(SyscallError) {
    switch terminal {
    case .some(let master): try master.keepNewlines()
    case .none: return
    }
  }

  private enum Source { static let signals: UInt64 = 1, input: UInt64 = 2, terminal: UInt64 = 3 }

  /// The process's exit code, 128 and the number for a signal.
  func run() throws(RuntimeError) -> Int32 {
    do throws(SyscallError) {
      switch terminal {
      case .some(let master): return try relay(master)
      case .none: return try waitOnly()
      }
    } catch {
      throw RuntimeError(.failed, "wait for the process: \(error)")
    }
  }

  private borrowing func waitOnly() throws(SyscallError) -> Int32 {
    try epoll.add(signals.descriptor.rawValue, .readable, token: Source.signals)
    // It may have ended before its signals were watched.
    if let ended = try Wait.reap(process) { return ended.status.exitCode }
    while true {
      _ = try epoll.wait()
      if let code = try handleSignals(nil) { return code }
    }
  }

  private borrowing func relay(_ master: borrowing FileDescriptor) throws(SyscallError) -> Int32 {
    let input = FileDescriptor(owning: 0)
    let isTerminal = input.isTerminal()
    let before = isTerminal ? try input.makeRawTerminal(keepingOutput: true) : nil
    _ = input.release()
    if isTerminal { try copySize(to: master) }
    let result = try loop(master)
    if let before {
      try FileDescriptor.borrowing(0) { (input) throws(SyscallError) in try input.setTerminalSettings(before)
      }
    }
    return result
  }

  private borrowing func loop(_ master: borrowing FileDescriptor) throws(SyscallError) -> Int32 {
    try epoll.add(signals.descriptor.rawValue, .readable, token: Source.signals)
    try epoll.add(master.rawValue, .readable, token: Source.terminal)
    // A regular file cannot be waited for: it is always ready.
    let waits = (try? epoll.add(0, .readable, token: Source.input)) != nil
    if !waits { try passInput(to: master, all: true) }
    // It may have ended before its signals were watched.
    var code = try Wait.reap(process)?.status.exitCode
    var open = true
    while code == nil || open {
      let events = try epoll.wait(milliseconds: code == nil ? nil : 100)
      if events.isEmpty && code != nil { break }
      for event in events {
        switch event.token {
        case Source.terminal: open = try passOutput(from: master) && open
        case Source.input: try passInput(to: master, all: false)
        default: code = try handleSignals(master.rawValue) ?? code
        }
      }
      if !open { break }
    }
    if let code { return code }
    return try Wait.forEnd(of: process)?.exitCode ?? 0
  }

  /// False when every other end is closed.
  private borrowing func passOutput(from master: borrowing FileDescriptor) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      let bytes = try master.read()
      Output.write(bytes, to: 1)
      if bytes.isEmpty { try epoll.remove(master.rawValue) }
      return !bytes.isEmpty
    } catch  where error.errno == .inputOutput {
      try epoll.remove(master.rawValue)
      return false
    }
  }

  private borrowing func passInput(to master: borrowing FileDescriptor, all: Bool) throws(SyscallError) {
    repeat {
      let bytes = try FileDescriptor.borrowing(0) { (input) throws(SyscallError) in try input.read() }
      if bytes.isEmpty {
        if !all { try epoll.remove(0) }
        // The end of input, as a terminal says it.
        return try master.write([4])
      }
      try master.write(bytes)
    } while all
  }

  /// The exit code once the process has ended.
  private borrowing func handleSignals(_ master: Int32?) throws(SyscallError) -> Int32? {
    var code: Int32?
    while let (signal, _) = try signals.next() {
      switch signal {
      case .child:
        while let (pid, status) = try Wait.reap() { if pid == process { code = status.exitCode } }
      case .windowChange:
        if let master {
          try FileDescriptor.borrowing(master) { (master) throws(SyscallError) in try copySize(to: master) }
        }
      default:
        do throws(SyscallError) { try Processes.signal(process, signal) } catch
          where error.errno == .noSuchProcess
        {}
      }
    }
    return code
  }

  private borrowing func copySize(to master: borrowing FileDescriptor) throws(SyscallError) {
    try FileDescriptor.borrowing(0) { (input) throws(SyscallError) in
      if input.isTerminal() { try master.setWindowSize(try input.windowSize()) }
    }
  }
}
