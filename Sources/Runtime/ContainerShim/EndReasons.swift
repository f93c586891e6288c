import Linux
import ShimProtocol
import TextFormats

/// Why a container ended, in words, where its code does not say it.
enum EndReasons {
  /// - Parameter code: how the container has ended; nil for one that runs.
  static func outOfMemory(code: Int32?, _ memory: (peak: UInt64, limit: UInt64?)?) -> String {
    let who = code == 137 ? "killed" : "a process in it was killed"
    guard let memory else { return "\(who): out of memory" }
    let peak = ByteSize.binary(Double(memory.peak))
    guard let limit = memory.limit else {
      return "\(who): the machine was out of memory (peak \(peak))"
    }
    return "\(who): the memory limit of \(ByteSize.binary(Double(limit))) was reached (peak \(peak));"
      + " raise it by --memory, in a compose file by mem_limit or deploy.resources.limits.memory"
  }

  static func deaf(_ name: String, to signal: Signal) -> String {
    "\(ExitStatus.killedAtOnce): the first process (\(name)) has no handler for \(signal), and the kernel gives a first process no other;"
      + " with --init (init: true in a compose file) it ends by \(signal)"
  }
}

extension Shim {
  /// Why waiting for the container to end by this signal is in vain; nil where it is not.
  func deafness(to signal: Signal) -> String? {
    // A process that has just ended needs no killing.
    guard let dispositions = try? SignalDispositions.of(pid), dispositions.drops(signal) else { return nil }
    return EndReasons.deaf(dispositions.name, to: signal)
  }

  /// Why it ended; nil where that is not known.
  func explanation(_ code: Int32, _ reason: String?) -> String? {
    outOfMemoryText(code) ?? reason ?? driver.lastWord(code: code)
  }

  /// What the kernel has killed in it; nil where it has killed nothing.
  func outOfMemoryText(_ code: Int32?) -> String? {
    driver.outOfMemoryKills() > 0 ? EndReasons.outOfMemory(code: code, driver.memoryPeak()) : nil
  }

  /// Nil where nobody tells.
  func watchMemory() -> MemoryWatch? {
    do throws(SyscallError) {
      guard let notice = try driver.outOfMemoryNotice() else { return nil }
      return try MemoryWatch(loop, notice, kills: driver.outOfMemoryKills) { [unowned self] in
        tell(.outOfMemory(outOfMemoryText(nil)))
      }
    } catch {
      Diagnostics.say("watch the memory: \(error)")
      return nil
    }
  }
}
