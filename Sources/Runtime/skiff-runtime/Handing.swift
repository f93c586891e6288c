import ContainerRuntime
import Linux

/// A file that says which process a caller shall watch.
enum PidFile {
  /// Written as a whole: a reader never sees half a number.
  static func write(_ pid: Int32, to path: String) throws(RuntimeError) {
    do throws(SyscallError) { try Files.replace(path, "\(pid)".utf8, durable: false) } catch {
      throw RuntimeError(.failed, "write the pid file: \(error)")
    }
  }
}

/// The Unix socket on which a caller waits for a terminal's master.
enum ConsoleSocket {
  static func check(hasTerminal: Bool, hasSocket: Bool) throws(RuntimeError) {
    if hasTerminal && !hasSocket {
      throw RuntimeError(.invalid, "cannot allocate tty if runc will detach without setting console socket")
    }
    if !hasTerminal && hasSocket {
      throw RuntimeError(
        .invalid,
        "cannot use console socket if runc will not detach or allocate tty: the process has no terminal")
    }
  }

  static func handOver(_ terminal: consuming FileDescriptor?, to path: String?) throws(RuntimeError) {
    guard let terminal else { return }
    guard let path else { return try check(hasTerminal: true, hasSocket: false) }
    do throws(SyscallError) {
      let socket = try UnixSocket.connect(path)
      try socket.send(Array("/dev/ptmx".utf8), descriptors: [terminal.rawValue])
    } catch {
      throw RuntimeError(.failed, "hand the terminal over: \(error)")
    }
  }

  /// Sends a pidfd of the process.
  static func sendHandle(_ pid: Int32, to path: String) throws(RuntimeError) {
    do throws(SyscallError) {
      let handle = try ProcessHandle(pid: pid)
      let socket = try UnixSocket.connect(path)
      try socket.send(Array("pidfd".utf8), descriptors: [handle.descriptor.rawValue])
    } catch {
      throw RuntimeError(.failed, "hand the pidfd over: \(error)")
    }
  }
}
