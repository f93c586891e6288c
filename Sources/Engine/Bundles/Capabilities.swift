import EngineErrors

/// Linux capabilities as Docker grants them (capabilities(7)).
enum Capabilities {
  static let all = [
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
    "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
    "CHECKPOINT_RESTORE",
  ].map { "CAP_" + $0 }

  static let standard = [
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP", "SETPCAP",
    "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
  ].map { "CAP_" + $0 }

  /// The set after `--cap-add` and `--cap-drop`, in the order of `all`; `available` bounds a privileged container
  /// by what this machine has.
  static func resolve(
    add: [String], drop: [String], privileged: Bool, available: Set<String>
  ) throws(EngineError) -> [String] {
    let added = try add.map { (name) throws(EngineError) in try normalise(name, of: "CapAdd") }
    let dropped = try drop.map { (name) throws(EngineError) in try normalise(name, of: "CapDrop") }
    if privileged { return all.filter { available.contains($0) } }
    var set = Set(dropped.contains("ALL") ? [] : standard)
    if added.contains("ALL") { set = Set(all).intersection(available) }
    if !dropped.contains("ALL") { set.subtract(dropped) }
    set.formUnion(added.filter { $0 != "ALL" })
    if added.contains("ALL") { set.subtract(dropped) }
    return all.filter(set.contains)
  }

  private static func normalise(_ name: String, of option: String) throws(EngineError) -> String {
    let upper = name.uppercased()
    if upper == "ALL" { return upper }
    let full = upper.hasPrefix("CAP_") ? upper : "CAP_" + upper
    guard all.contains(full) else {
      throw EngineError(.invalidArgument, "invalid \(option): unknown capability: \"\(full)\"")
    }
    return full
  }
}
