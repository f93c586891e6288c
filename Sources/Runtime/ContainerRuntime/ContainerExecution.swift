import Cgroups
import Linux
import OCISpec

/// A process that runs beside a container's first one. The caller is its parent and must reap it.
public struct ExecutedProcess: ~Copyable {
  public let pid: Int32
  /// The master of its terminal, where it asked for one.
  public private(set) var terminal: FileDescriptor?
  public let warnings: [String]

  init(pid: Int32, terminal: consuming FileDescriptor?, warnings: [String]) {
    self.pid = pid
    self.terminal = terminal
    self.warnings = warnings
  }

  /// The terminal's master, once.
  public mutating func takeTerminal() -> FileDescriptor? { terminal.take() }
}

extension Container {
  /// How a process is run beside the first, besides what is said of itself.
  public struct ExecutionOptions: Sendable {
    /// What it gets as descriptors 0, 1 and 2 where it has no terminal. They stay the caller's.
    public var streams: [Int32] = [0, 1, 2]
    /// How many of the caller's descriptors from 3 on it keeps.
    public var preserved: Int32 = 0
    /// In a paused container too: this then waits until it goes on.
    public var evenPaused = false
    /// Cgroups below the container's to join instead: a path, or of version 1 for some controllers only
    /// `controller[,controller…]:path`.
    public var cgroups: [String] = []
    /// The caller ends soon. The process then starts in the caller's memory (vfork(2)), which is quicker, and
    /// what it leaves there is never released.
    public var sharesMemory = false
    /// Hears of the steps.
    public var trace: (@Sendable (String) -> Void)?
    public init() {}
  }

  /// Runs a process in the running container with options of little use elsewhere; see below.
  public func execute(
    _ process: Bundle.Process, streams: [Int32] = [0, 1, 2], preserved: Int32 = 0, evenPaused: Bool = false
  ) throws(RuntimeError) -> ExecutedProcess {
    var options = ExecutionOptions()
    options.streams = streams
    options.preserved = preserved
    options.evenPaused = evenPaused
    return try execute(process, options)
  }

  /// Runs a process in the running container. Returns once its command runs, or throws why it does not.
  /// What the process does not say of capabilities is as the container's own process has it. The calling
  /// process must have one thread. In a paused container, which `evenPaused` allows, this waits until it
  /// goes on.
  public func execute(
    _ process: Bundle.Process, _ options: ExecutionOptions
  ) throws(RuntimeError) -> ExecutedProcess {
    try process.check()
    let status = self.status()
    guard status == .running || status == .created || (status == .paused && options.evenPaused) else {
      throw RuntimeError(
        .wrongState,
        status == .paused ? "cannot exec in a paused container" : "cannot exec in a stopped container")
    }
    var process = process
    process.capabilities = process.capabilities ?? bundle.process?.capabilities
    let filter = try bundle.linux?.seccomp?.filter(cache: "\(directory.root)/.seccomp")
    let target = try step("open the container's first process") { () throws(SyscallError) in
      try ProcessHandle(pid: pid)
    }
    let sockets = try step("make a socket pair") { () throws(SyscallError) in try SocketPair(packets: true) }
    // Where the table of mounts is not its own, the container has its root to itself alone.
    let root =
      try bundle.makes(.mount)
      ? nil
      : step("open the container's root") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/\(pid)/root", [.path, .directory])
      }
    let place = try CgroupPlace(self, options.cgroups)
    options.trace?("nsexec container setup: joining pid \(pid)")
    let hasPidNamespace = bundle.namespaceKinds.contains(.pid)
    // To an ordinary user it opens only behind the container's users.
    let standsBetween =
      hasPidNamespace && bundle.namespaceKinds.contains(.user) && Identity.effectiveUser != 0
    let pidNamespace =
      try hasPidNamespace && !standsBetween
      ? PidNamespaceChange.join(target.descriptor) : PidNamespaceChange.none()
    let group = try place.openUnified()
    let start = ProcessStart(
      ProcessBeside(
        process: process, score: process.oomScoreAdj ?? bundle.process?.oomScoreAdj, linux: bundle.linux,
        id: id,
        filter: filter, options: options, place: place, isBornInCgroup: group != nil,
        namespaces: bundle.namespaceKinds.subtracting(.pid), root: Self.number(root)),
      maker: sockets.theirs.rawValue, target: target.descriptor.rawValue, standsBetween: standsBetween)
    let shares = options.sharesMemory && status != .paused && start.mayShareMemory
    let side = try place.make(in: group) { (group) throws(SyscallError) in
      shares ? .parent(child: try start.runSharingMemory(group)) : try Processes.fork(cgroup: group)
    }
    if side == .child { start.run() }
    guard case .parent(var child) = side else { throw RuntimeError(.failed, "the process lives on") }
    do throws(RuntimeError) {
      try pidNamespace.restore()
      let socket = sockets.intoOurs()
      if standsBetween { child = try hearOfBirth(socket, from: child) }
      options.trace?("child process in init(): pid \(child)")
      return try finish(child, socket, options.trace)
    } catch {
      // The error that led here is the one to tell.
      try? Processes.signal(child, .kill)
      // As above.
      _ = try? Wait.forEnd(of: child)
      throw error
    }
  }

  private static func number(_ root: borrowing FileDescriptor?) -> Int32? {
    switch root {
    case .some(let root): root.rawValue
    case .none: nil
    }
  }

  /// The process in between tells which one it made, and ends.
  private func hearOfBirth(
    _ socket: borrowing FileDescriptor, from between: Int32
  ) throws(RuntimeError) -> Int32 {
    let heard = try step("hear of the process") { () throws(SyscallError) in try socket.hear() }
    switch heard?.message {
    case .born(let pid):
      _ = try step("reap the process in between") { () throws(SyscallError) in try Wait.forEnd(of: between) }
      return pid
    case .failed(let error): throw error
    default: throw RuntimeError(.failed, "the process was not made")
    }
  }

  private func finish(
    _ child: Int32, _ socket: consuming FileDescriptor, _ trace: (@Sendable (String) -> Void)?
  ) throws(RuntimeError) -> ExecutedProcess {
    var warnings: [String] = []
    var terminal: FileDescriptor?
    var ready = false
    while let (message, descriptor) = try step(
      "hear from the process", { () throws(SyscallError) in try socket.hear() })
    {
      switch message {
      case .warning(let text): warnings.append(text)
      case .terminal: terminal = descriptor.map { FileDescriptor(owning: $0) }
      case .failed(let error): throw error
      case .ready:
        trace?("setns_init: about to exec")
        ready = true
      case .listener(let number):
        try bundle.linux?.seccomp?.tellAgent(number, of: child, state: state())
        // A child that is gone is noticed by what is heard next.
        try? socket.say(.proceed)
      case .proceed, .prepared, .born, .advice: continue
      }
    }
    // The socket closes when the command replaces the process.
    guard ready else { throw RuntimeError(.failed, "the process ended before it was ready") }
    return ExecutedProcess(pid: child, terminal: terminal, warnings: warnings)
  }
}
