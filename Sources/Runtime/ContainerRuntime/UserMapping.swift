import Linux
import OCISpec

/// Which users of the host those of a user namespace are (user_namespaces(7)).
struct UserMapping {
  let uids: [Bundle.IDMapping]
  let gids: [Bundle.IDMapping]

  /// Writes it for a process that stands in a new user namespace. Who may not write more than his own user
  /// needs newuidmap and newgidmap (/etc/subuid, /etc/subgid).
  func write(for pid: Int32) throws(RuntimeError) {
    let own = Identity.effectiveUser
    if own == 0 {
      try Self.writeFile(uids, "/proc/\(pid)/uid_map")
      return try Self.writeFile(gids, "/proc/\(pid)/gid_map")
    }
    if Self.isOnly(own, uids), Self.isOnly(Identity.effectiveGroup, gids) {
      try step("write setgroups") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/\(pid)/setgroups", .writeOnly).write("deny".utf8)
      }
      try Self.writeFile(uids, "/proc/\(pid)/uid_map")
      return try Self.writeFile(gids, "/proc/\(pid)/gid_map")
    }
    try Self.runHelper("newuidmap", pid, uids)
    try Self.runHelper("newgidmap", pid, gids)
  }

  private static func isOnly(_ id: UInt32, _ mappings: [Bundle.IDMapping]) -> Bool {
    mappings.count == 1 && mappings[0].hostID == id && mappings[0].size == 1
  }

  private static func writeFile(_ mappings: [Bundle.IDMapping], _ path: String) throws(RuntimeError) {
    if mappings.isEmpty { return }
    let text = mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
    try step("map the users") { () throws(SyscallError) in
      let file = try FileDescriptor.open(path, .writeOnly)
      do throws(SyscallError) { try file.write(text.utf8) } catch {
        throw SyscallError(call: "write", subject: path, errno: error.errno)
      }
    }
  }

  private static func runHelper(
    _ name: String, _ pid: Int32, _ mappings: [Bundle.IDMapping]
  ) throws(RuntimeError) {
    if mappings.isEmpty { return }
    let numbers = mappings.flatMap { ["\($0.containerID)", "\($0.hostID)", "\($0.size)"] }
    let status = try step("run \(name)") { () throws(SyscallError) in
      let found = ProgramRun.find(name, in: "/usr/bin:/bin:/usr/local/bin:/usr/sbin")
      let program = found ?? "/usr/bin/\(name)"
      return try Spawn(
        program, [name, "\(pid)"] + numbers, environment: [], descriptors: [nil, 2, 2]
      ).run()
    }
    guard status == .exited(0) else {
      throw RuntimeError(.failed, "\(name) refused the mapping: see /etc/subuid and /etc/subgid")
    }
  }

  /// The number outside of one inside; nil where it is not mapped.
  static func outside(_ id: UInt32, _ mappings: [Bundle.IDMapping]) -> UInt32? {
    for mapping in mappings where id >= mapping.containerID && id - mapping.containerID < mapping.size {
      let (outside, overflows) = mapping.hostID.addingReportingOverflow(id - mapping.containerID)
      return overflows ? nil : outside
    }
    return nil
  }

  /// A user namespace with this mapping that nobody stands in, held by the descriptor alone.
  func namespace() throws(RuntimeError) -> FileDescriptor {
    let side = try step("make a user namespace") { () throws(SyscallError) in try Processes.fork(.user) }
    guard case .parent(let pid) = side else {
      // Waits to be killed; if its maker dies before that, it goes too.
      try? ProcessAttributes.setParentDeathSignal(.kill)
      while Processes.parentID != 1 { Clock.sleep(milliseconds: 1000) }
      Processes.exitNow(0)
    }
    defer {
      // It is this process's child and does nothing.
      try? Processes.signal(pid, .kill)
      // As above.
      _ = try? Wait.forEnd(of: pid)
    }
    try write(for: pid)
    return try step("open the user namespace") { () throws(SyscallError) in
      try FileDescriptor.open("/proc/\(pid)/ns/user", .readOnly)
    }
  }
}
