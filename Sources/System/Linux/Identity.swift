import CLinux
import Glibc

/// The users and groups of the calling process (credentials(7)).
public enum Identity {
  public static var effectiveUser: UInt32 { geteuid() }
  public static var effectiveGroup: UInt32 { getegid() }

  /// `setresuid(2)` of the calling thread.
  public static func setUser(_ uid: UInt32) throws(SyscallError) {
    try syscall("setresuid", on: "\(uid)") { clinux_setresuid(uid, uid, uid) }
  }
  /// `setresgid(2)` of the calling thread.
  public static func setGroup(_ gid: UInt32) throws(SyscallError) {
    try syscall("setresgid", on: "\(gid)") { clinux_setresgid(gid, gid, gid) }
  }
  /// `setgroups(2)` of the calling thread.
  public static func setSupplementaryGroups(_ groups: [UInt32]) throws(SyscallError) {
    try syscall("setgroups") { clinux_setgroups(groups.count, groups) }
  }
}

/// A resource that `getrlimit(2)` counts.
public enum Resource: CInt, CaseIterable, Sendable {
  case cpu = 0, fileSize, data, stack, core, residentSet, processes, openFiles, lockedMemory, addressSpace,
    locks
  case pendingSignals, messageQueue, nice, realtimePriority, realtimeTime

  /// Its name as the OCI writes it, `RLIMIT_NOFILE`.
  public var name: String {
    [
      "RLIMIT_CPU", "RLIMIT_FSIZE", "RLIMIT_DATA", "RLIMIT_STACK", "RLIMIT_CORE", "RLIMIT_RSS",
      "RLIMIT_NPROC",
      "RLIMIT_NOFILE", "RLIMIT_MEMLOCK", "RLIMIT_AS", "RLIMIT_LOCKS", "RLIMIT_SIGPENDING", "RLIMIT_MSGQUEUE",
      "RLIMIT_NICE", "RLIMIT_RTPRIO", "RLIMIT_RTTIME",
    ][Int(rawValue)]
  }
  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  /// `prlimit(2)`; `UInt64.max` means no limit. Pid 0 is the caller.
  public func limit(of pid: Int32 = 0) throws(SyscallError) -> (soft: UInt64, hard: UInt64) {
    var pair: [UInt64] = [0, 0]
    try syscall("prlimit", on: name) { clinux_prlimit(pid, rawValue, nil, &pair) }
    return (pair[0], pair[1])
  }
  public func setLimit(soft: UInt64, hard: UInt64, of pid: Int32 = 0) throws(SyscallError) {
    try syscall("prlimit", on: name) { clinux_prlimit(pid, rawValue, [soft, hard], nil) }
  }
}

/// Sets the CPUs the calling thread may run on (sched_setaffinity(2)); numbers above 1023 are ignored.
public func setAffinity(cpus: some Sequence<Int>) throws(SyscallError) {
  var mask = [UInt](repeating: 0, count: 16)
  for cpu in cpus where (0..<1024).contains(cpu) { mask[cpu / 64] |= 1 << UInt(cpu % 64) }
  try syscall("sched_setaffinity") { clinux_sched_setaffinity(0, mask, 128) }
}
