import Linux
import OCISpec

/// Clocks of a container's own (time_namespaces(7)).
enum TimeNamespace {
  /// Makes one for the calling process, which enters it with its next execve(2) (Linux 6.1), and sets its
  /// clocks ahead.
  static func make(_ offsets: [String: Bundle.TimeOffset]) throws(RuntimeError) {
    try step("make a time namespace") { () throws(SyscallError) in try Namespaces.time.unshare() }
    if offsets.isEmpty { return }
    let text = offsets.sorted { $0.key < $1.key }
      .map { "\($0.key) \($0.value.secs ?? 0) \($0.value.nanosecs ?? 0)\n" }.joined()
    try step("set the clocks of the time namespace") { () throws(SyscallError) in
      let proc = try ProcessFileSystem.own()
      let own = try proc.readLink("self")
      try ProcessFileSystem.open("\(own)/timens_offsets", in: proc, .writeOnly).write(text.utf8)
    }
  }
}
