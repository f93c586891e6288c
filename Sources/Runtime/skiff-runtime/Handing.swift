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
  static func handOver(_ terminal: consuming FileDescriptor?, to path: String?) throws(RuntimeError) {
    guard let terminal else {
      if path != nil {
        throw RuntimeError(.invalid, "cannot use console socket if the process has no terminal")
      }
      return
    }
    guard let path else {
      throw RuntimeError(
        .invalid, "cannot allocate tty if skiff-runtime will detach without setting console socket")
    }
    do throws(SyscallError) {
      let socket = try UnixSocket.connect(path)
      try socket.send(Array("/dev/ptmx".utf8), descriptors: [terminal.rawValue])
    } catch {
      throw RuntimeError(.failed, "hand the terminal over: \(error)")
    }
  }
}
