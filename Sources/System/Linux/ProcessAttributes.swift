import CLinux
import Glibc

/// What a process says of itself with `prctl(2)` and its kin.
public enum ProcessAttributes {
  /// The signal this process gets when the thread that made it ends (`PR_SET_PDEATHSIG`).
  public static func setParentDeathSignal(_ signal: Signal) throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_PDEATHSIG") { clinux_prctl(1, UInt(signal.rawValue), 0, 0, 0) }
  }
  /// Whether others may trace it or look into its `/proc` entry (`PR_SET_DUMPABLE`).
  public static func setDumpable(_ on: Bool) throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_DUMPABLE") { clinux_prctl(4, on ? 1 : 0, 0, 0, 0) }
  }
  /// Whether they may (`PR_GET_DUMPABLE`).
  public static func isDumpable() throws(SyscallError) -> Bool {
    try syscall("prctl", on: "PR_GET_DUMPABLE") { clinux_prctl(3, 0, 0, 0, 0) } == 1
  }
  /// Keep permitted capabilities when the user changes (`PR_SET_KEEPCAPS`).
  public static func setKeepCapabilities(_ on: Bool) throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_KEEPCAPS") { clinux_prctl(8, on ? 1 : 0, 0, 0, 0) }
  }
  /// `execve` gains no privileges any more (`PR_SET_NO_NEW_PRIVS`).
  public static func setNoNewPrivileges() throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_NO_NEW_PRIVS") { clinux_prctl(38, 1, 0, 0, 0) }
  }
  /// Orphaned descendants become this process's children (`PR_SET_CHILD_SUBREAPER`).
  public static func setSubreaper(_ on: Bool) throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_CHILD_SUBREAPER") { clinux_prctl(36, on ? 1 : 0, 0, 0, 0) }
  }
  /// The name that `ps` shows, cut at 15 bytes (`PR_SET_NAME`).
  public static func setName(_ name: String) throws(SyscallError) {
    try syscall("prctl", on: "PR_SET_NAME") {
      name.withCString { clinux_prctl(15, UInt(bitPattern: $0), 0, 0, 0) }
    }
  }
  /// Loads a seccomp filter of raw BPF instructions, eight bytes each (seccomp(2)).
  /// The answer is 0, or with `SECCOMP_FILTER_FLAG_NEW_LISTENER` the listener's descriptor, which is the
  /// caller's to close.
  @discardableResult
  public static func loadFilter(_ program: [UInt8], flags: UInt32 = 0) throws(SyscallError) -> Int32 {
    try syscall("seccomp", on: "SECCOMP_SET_MODE_FILTER") {
      program.withUnsafeBytes { code in
        var header = SeccompProgram(count: UInt16(code.count / 8), code: UInt(bitPattern: code.baseAddress))
        return withUnsafeMutablePointer(to: &header) { clinux_seccomp(1, flags, $0) }
      }
    }
  }
  private struct SeccompProgram {
    var count: UInt16
    var code: UInt
  }
  /// Gives the process a session keyring of its own (keyctl(2)).
  public static func joinSessionKeyring(_ name: String) throws(SyscallError) {
    try syscall("keyctl", on: name) { clinux_keyctl_join_session(name) }
  }
  /// `ioprio_set(2)` of the calling process: class 1 realtime, 2 best effort, 3 idle; level 0 to 7.
  public static func setIOPriority(class kind: Int32, level: Int32) throws(SyscallError) {
    try syscall("ioprio_set") { clinux_ioprio_set(1, 0, kind << 13 | level) }
  }
  /// `personality(2)`.
  public static func setPersonality(_ persona: UInt) throws(SyscallError) {
    try syscall("personality") { clinux_personality(persona) }
  }
  /// Marks every descriptor from `first` on to be closed by `execve` (close_range(2)).
  public static func closeOnExecute(from first: UInt32) throws(SyscallError) {
    try syscall("close_range") { clinux_close_range(first, .max, 4) }
  }
  /// Closes every descriptor from `first` on (close_range(2)).
  public static func closeAll(from first: UInt32) throws(SyscallError) {
    try syscall("close_range") { clinux_close_range(first, .max, 0) }
  }
  /// Closes every descriptor but these and 0, 1 and 2. Values that own a closed one must not be released
  /// afterwards.
  public static func closeAll(except kept: [Int32]) throws(SyscallError) {
    var first: UInt32 = 3
    // Negative ones, and those met before, are below the first that is left.
    for number in kept.sorted().map(UInt32.init(clamping:)) where number >= first {
      if number > first { try syscall("close_range") { clinux_close_range(first, number - 1, 0) } }
      first = number + 1
    }
    try closeAll(from: first)
  }
}
