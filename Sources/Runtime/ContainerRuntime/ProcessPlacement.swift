import Linux
import OCISpec

/// When and where a process runs: scheduler, CPUs, memory nodes, personality, as the bundle has them in words.
struct ProcessPlacement {
  var schedule: Schedule?
  var memoryMode: (mode: Int32, nodes: [Int])?
  var persona: UInt?
  /// CPUs of the command.
  var cpus: [Int]?

  init(_ process: Bundle.Process, _ linux: Bundle.Linux?) throws(RuntimeError) {
    if let scheduler = process.scheduler { schedule = try Self.schedule(scheduler) }
    if let policy = linux?.memoryPolicy { memoryMode = try Self.memory(policy) }
    if let personality = linux?.personality { persona = try Self.persona(personality) }
    cpus = try Self.cpus(process.execCPUAffinity?.final, "execCPUAffinity.final")
  }

  /// Once the process may still do so, and before it is confined to its CPUs.
  func apply() throws(RuntimeError) {
    if let schedule {
      do throws(SyscallError) { try schedule.apply() } catch {
        guard error.errno == .invalidArgument, schedule.policy == .deadline else {
          throw RuntimeError(step: "set the scheduler", error)
        }
        // The kernel's own bounds (sched_deadline_period_min_us and _max_us) and resolution.
        throw RuntimeError(
          .invalid,
          "set the scheduler: sched_setattr: `SCHED_DEADLINE` runtime (\(schedule.runtime)) must be between 1024"
            + " and the deadline (\(schedule.deadline)), the period (\(schedule.period)) 100 us to 4 s")
      }
    }
    if let memoryMode {
      try step("set the memory policy") { () throws(SyscallError) in
        try MemoryNodes.setPolicy(mode: memoryMode.mode, nodes: memoryMode.nodes)
      }
    }
    if let persona {
      try step("set the personality") { () throws(SyscallError) in
        try ProcessAttributes.setPersonality(persona)
      }
    }
    if let cpus {
      try step("set the CPU affinity") { () throws(SyscallError) in try setAffinity(cpus: cpus) }
    }
  }

  static func cpus(_ text: String?, _ name: String) throws(RuntimeError) -> [Int]? {
    guard let text, !text.isEmpty else { return nil }
    guard let numbers = NumberList.parse(text) else {
      throw RuntimeError(.invalid, "\(name) is no list of CPUs: \(text)")
    }
    return numbers
  }

  private static let policies: [String: Schedule.Policy] = [
    "SCHED_OTHER": .other, "SCHED_FIFO": .fifo, "SCHED_RR": .roundRobin, "SCHED_BATCH": .batch,
    "SCHED_ISO": .other, "SCHED_IDLE": .idle, "SCHED_DEADLINE": .deadline,
  ]
  private static let scheduleFlags: [String: UInt64] = [
    "SCHED_FLAG_RESET_ON_FORK": 0x01, "SCHED_FLAG_RECLAIM": 0x02, "SCHED_FLAG_DL_OVERRUN": 0x04,
    "SCHED_FLAG_KEEP_POLICY": 0x08, "SCHED_FLAG_KEEP_PARAMS": 0x10, "SCHED_FLAG_UTIL_CLAMP_MIN": 0x20,
    "SCHED_FLAG_UTIL_CLAMP_MAX": 0x40,
  ]

  private static func schedule(_ asked: Bundle.Scheduler) throws(RuntimeError) -> Schedule {
    guard let policy = policies[asked.policy] else {
      throw RuntimeError(.invalid, "scheduler policy \(asked.policy) is not known")
    }
    var schedule = Schedule(policy)
    schedule.nice = asked.nice ?? 0
    schedule.priority = UInt32(clamping: asked.priority ?? 0)
    schedule.runtime = asked.runtime ?? 0
    schedule.deadline = asked.deadline ?? 0
    schedule.period = asked.period ?? 0
    for name in asked.flags {
      guard let flag = scheduleFlags[name] else {
        throw RuntimeError(.invalid, "scheduler flag \(name) is not known")
      }
      schedule.flags |= flag
    }
    guard (-20...19).contains(schedule.nice) else {
      throw RuntimeError(.invalid, "scheduler nice value \(schedule.nice) is not between -20 and 19")
    }
    if policy == .deadline { try checkDeadline(asked, schedule) }
    guard policy == .deadline || schedule.runtime | schedule.deadline | schedule.period == 0 else {
      throw RuntimeError(.invalid, "scheduler runtime, deadline and period need the policy SCHED_DEADLINE")
    }
    guard policy == .fifo || policy == .roundRobin || schedule.priority == 0 else {
      throw RuntimeError(.invalid, "scheduler priority needs the policy SCHED_FIFO or SCHED_RR")
    }
    return schedule
  }

  /// Runtime, deadline and period in this order (sched(7)).
  private static func checkDeadline(
    _ asked: Bundle.Scheduler, _ schedule: Schedule
  ) throws(RuntimeError) {
    func refuse(_ text: String) -> RuntimeError {
      RuntimeError(.invalid, "sched_setattr: `SCHED_DEADLINE` \(text)")
    }
    guard asked.runtime != nil else { throw refuse("requires `runtime`") }
    guard asked.deadline != nil else { throw refuse("requires `deadline`") }
    guard schedule.runtime > 0 else { throw refuse("runtime must be greater than 0") }
    guard schedule.deadline > 0 else { throw refuse("deadline must be greater than 0") }
    guard schedule.runtime <= schedule.deadline else {
      throw refuse("runtime (\(schedule.runtime)) must be <= deadline (\(schedule.deadline))")
    }
    guard schedule.period == 0 || schedule.deadline <= schedule.period else {
      throw refuse("deadline (\(schedule.deadline)) must be <= period (\(schedule.period))")
    }
  }

  private static let memoryModes: [String: Int32] = [
    "MPOL_DEFAULT": 0, "MPOL_PREFERRED": 1, "MPOL_BIND": 2, "MPOL_INTERLEAVE": 3, "MPOL_LOCAL": 4,
    "MPOL_PREFERRED_MANY": 5, "MPOL_WEIGHTED_INTERLEAVE": 6,
  ]
  private static let memoryFlags: [String: Int32] = [
    "MPOL_F_NUMA_BALANCING": 1 << 13, "MPOL_F_RELATIVE_NODES": 1 << 14, "MPOL_F_STATIC_NODES": 1 << 15,
  ]

  private static func memory(_ asked: Bundle.MemoryPolicy) throws(RuntimeError) -> (Int32, [Int]) {
    guard var mode = memoryModes[asked.mode] else {
      throw RuntimeError(.invalid, "memory policy mode \(asked.mode) is not known")
    }
    for name in asked.flags {
      guard let flag = memoryFlags[name] else {
        throw RuntimeError(.invalid, "memory policy flag \(name) is not known")
      }
      mode |= flag
    }
    guard let nodes = asked.nodes.map({ $0.isEmpty ? [] : NumberList.parse($0) }) ?? [] else {
      throw RuntimeError(.invalid, "memory policy nodes are no list: \(asked.nodes ?? "")")
    }
    return (mode, nodes)
  }

  private static func persona(_ asked: Bundle.Personality) throws(RuntimeError) -> UInt {
    guard asked.flags.isEmpty else {
      throw RuntimeError(.invalid, "personality flag \(asked.flags[0]) is not known")
    }
    switch asked.domain {
    case "LINUX": return 0
    case "LINUX32": return 8
    default: throw RuntimeError(.invalid, "personality domain \(asked.domain) is not known")
    }
  }
}
