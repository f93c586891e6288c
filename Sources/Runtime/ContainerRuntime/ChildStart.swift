import Linux
import OCISpec

/// What every process that the runtime makes for a container does first and last.
enum ChildStart {
  /// Away from the maker's signals, session and open files. One that does not hide is to do so soon.
  static func prepare(keeping kept: [Int32], preserved: Int32, hides: Bool = true) throws(RuntimeError) {
    try step("prepare the process") { () throws(SyscallError) in
      for number in 1...64 where number != 9 && number != 19 && number != 32 && number != 33 {
        try Signal(rawValue: Int32(number)).reset()
      }
      try SignalSet.empty.replaceMask()
      try ProcessAttributes.closeAll(except: kept + (0..<preserved).map { 3 + $0 })
      // Nobody in a container looks into this process, or at its program file, before it is the command.
      if hides { try ProcessAttributes.setDumpable(false) }
    }
  }

  /// A session of its own, and unless `keyring` is nil a keyring, which all processes of a container share.
  static func beginSession(keyring id: String?) throws(RuntimeError) {
    try step("begin a session") { () throws(SyscallError) in try Processes.newSession() }
    guard let id else { return }
    // Not every kernel, and not every filter around us, lets one have a keyring of one's own.
    try? ProcessAttributes.joinSessionKeyring("_ses.\(id)")
  }

  /// Gives the command its standard streams.
  static func connect(_ streams: [Int32], _ terminal: borrowing Terminal?) throws(RuntimeError) {
    try step("connect the standard streams") { () throws(SyscallError) in
      switch terminal {
      case .some(let terminal):
        try terminal.peer.becomeControllingTerminal()
        for number in [0, 1, 2] as [Int32] { try terminal.peer.duplicate(onto: number) }
      case .none:
        if streams == [0, 1, 2] { return }
        // Out of the way first: a source may be the target of another.
        for (target, source) in streams.enumerated() where source != target {
          try moveAway(source, to: Int32(target), all: streams)
        }
      }
    }
  }

  private static func moveAway(_ source: Int32, to target: Int32, all: [Int32]) throws(SyscallError) {
    let copy = try FileDescriptor.borrowing(source) { (original) throws(SyscallError) in
      try original.duplicate()
    }
    try copy.duplicate(onto: target)
  }

  /// Becomes the command. What the kernel says no to is told on standard error, as the command's own last
  /// word, and to a maker that still listens.
  static func execute(
    _ path: String, _ arguments: [String], _ environment: [String], _ maker: borrowing FileDescriptor,
    listens: Bool
  ) -> Never {
    do throws(SyscallError) {
      try Processes.execute(path, arguments: arguments, environment: environment)
    } catch {
      let refusal = ExecutableSearch.executionError(path, error.errno)
      // Nobody left to tell. Where nobody listens, the attempt would end this process by SIGPIPE.
      if listens { try? maker.say(.failed(refusal)) }
      fail(refusal.message)
    }
  }

  /// In both processes that a fork has left: the child goes on, the one between it and the maker says that it was
  /// born, and ends.
  static func stepAside(_ side: Processes.Side, _ maker: borrowing FileDescriptor) throws(RuntimeError) {
    guard case .parent(let pid) = side else { return }
    try step("report") { () throws(SyscallError) in try maker.say(.born(pid)) }
    Processes.exitNow(0)
  }

  /// Ends the process with the maker's knowledge. Does not come back; the compiler is not told, or it would complain
  /// of what its callers release afterwards.
  static func giveUp(_ error: RuntimeError, _ maker: borrowing FileDescriptor) {
    // Nobody left to tell: the maker sees that this process ended.
    try? maker.say(.failed(error))
    Processes.exitNow(1)
  }

  /// Ends the process with a word on its standard error.
  static func fail(_ message: String) -> Never {
    guard FileDescriptor.isOpen(2) else { Processes.exitNow(255) }
    // Whoever held the other end may be gone.
    try? FileDescriptor.borrowing(2) { (stream) throws(SyscallError) in try stream.write("\(message)\n".utf8)
    }
    Processes.exitNow(255)
  }

  /// Closes every descriptor at the command's start but the standard streams and the preserved ones.
  static func keep(_ preserved: Int32) throws(SyscallError) {
    try ProcessAttributes.closeOnExecute(from: UInt32(3 + preserved))
    for number in 3..<(3 + preserved) where FileDescriptor.isOpen(number) {
      try FileDescriptor.borrowing(number) { (kept) throws(SyscallError) in try kept.setInherited(true) }
    }
  }
}
