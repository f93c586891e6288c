import CLinux

/// How the kernel chooses when a thread runs (sched(7), sched_setattr(2)).
public struct Schedule: Sendable, Equatable {
  public enum Policy: UInt32, Sendable {
    case other = 0, fifo, roundRobin, batch
    case idle = 5
    case deadline
    case extensible
  }
  public var policy: Policy
  /// -20 to 19, for `other` and `batch`.
  public var nice: Int32 = 0
  /// 1 to 99, for `fifo` and `roundRobin`.
  public var priority: UInt32 = 0
  /// `SCHED_FLAG_…`.
  public var flags: UInt64 = 0
  /// Nanoseconds, for `deadline`.
  public var runtime: UInt64 = 0
  public var deadline: UInt64 = 0
  public var period: UInt64 = 0
  public init(_ policy: Policy) { self.policy = policy }

  /// For the calling thread and the children it makes from now on.
  public func apply() throws(SyscallError) {
    var raw = clinux_schedule(
      policy: policy.rawValue, nice: nice, priority: priority, flags: flags, runtime: runtime,
      deadline: deadline, period: period)
    try syscall("sched_setattr") { clinux_sched_setattr(&raw) }
  }
}

/// From which nodes a thread's memory comes (set_mempolicy(2)).
public enum MemoryNodes {
  /// `mode` with its flags, as `MPOL_…`; nodes above 1023 throw `EINVAL`.
  public static func setPolicy(mode: Int32, nodes: [Int]) throws(SyscallError) {
    var mask = [UInt](repeating: 0, count: 16)
    for node in nodes {
      guard (0..<1024).contains(node) else {
        throw SyscallError(call: "set_mempolicy", subject: "node \(node)", errno: .invalidArgument)
      }
      mask[node / 64] |= 1 << UInt(node % 64)
    }
    // The kernel takes one bit less than it is told.
    try syscall("set_mempolicy") {
      clinux_set_mempolicy(mode, nodes.isEmpty ? nil : mask, nodes.isEmpty ? 0 : 1025)
    }
  }
}
