import ContainerLog
import Linux

/// The container's log; a disk that is full loses lines, never the container.
final class LogSink {
  private var writer: LogWriter
  /// Calls that the kernel refused so far.
  private(set) var failures = 0

  init(_ writer: consuming LogWriter) { self.writer = writer }

  func take(_ stream: LogStream, _ bytes: ArraySlice<UInt8>) {
    attempt { writer throws(SyscallError) in try writer.append(stream, bytes, at: Clock.realtime) }
  }

  func end() {
    attempt { writer throws(SyscallError) in try writer.end(at: Clock.realtime) }
  }

  private func attempt(_ body: (inout LogWriter) throws(SyscallError) -> Void) {
    do {
      try body(&writer)
    } catch {
      failures += 1
      if failures == 1 { Diagnostics.say("log: \(error)") }
    }
  }
}

/// Packs in a process of its own: the shim has to answer others meanwhile, and keeps no memory of it.
final class PackingProcess: LogPacker {
  private let children: Children
  private var pid: Int32?

  var isBusy: Bool { pid != nil }

  init(_ children: Children) { self.children = children }

  func pack(_ path: String) {
    do {
      let pid = try Spawn(
        "/proc/self/exe", ["skiff-shim", "--pack", path], environment: [], descriptors: [nil, nil, 2]
      ).start()
      self.pid = pid
      children.wait(for: pid) { [weak self] _ in self?.pid = nil }
    } catch {
      // It stays as it is, and is read as well.
      Diagnostics.say("packing the log: \(error)")
    }
  }

  func stop() {
    guard let pid else { return }
    self.pid = nil
    children.forget(pid)
    do throws(SyscallError) {
      try Processes.signal(pid, .kill)
      _ = try Wait.forEnd(of: pid)
    } catch { Diagnostics.say("packing the log: \(error)") }
  }
}
