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
    let place = try CgroupPlace(self, options.cgroups)
    options.trace?("nsexec container setup: joining pid \(pid)")
    let hasPidNamespace = bundle.namespaceKinds.contains(.pid)
    let pidNamespace =
      try hasPidNamespace ? PidNamespaceChange.join(target.descriptor) : PidNamespaceChange.none()
    let group = try place.openUnified()
    let start = ProcessStart(
      ProcessBeside(
        process: process, score: process.oomScoreAdj ?? bundle.process?.oomScoreAdj, linux: bundle.linux,
        id: id,
        filter: filter, options: options, place: place, isBornInCgroup: group != nil,
        namespaces: bundle.namespaceKinds.subtracting(.pid)),
      maker: sockets.theirs.rawValue, target: target.descriptor.rawValue)
    let shares = options.sharesMemory && status != .paused && start.mayShareMemory
    let side = try place.make(in: group) { (group) throws(SyscallError) in
      shares ? .parent(child: try start.runSharingMemory(group)) : try Processes.fork(cgroup: group)
    }
    if side == .child { start.run() }
    guard case .parent(let child) = side else { throw RuntimeError(.failed, "the process lives on") }
    do throws(RuntimeError) {
      try pidNamespace.restore()
      options.trace?("child process in init(): pid \(child)")
      return try finish(child, sockets.intoOurs(), options.trace)
    } catch {
      // The error that led here is the one to tell.
      try? Processes.signal(child, .kill)
      // As above.
      _ = try? Wait.forEnd(of: child)
      throw error
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
      case .proceed, .prepared, .born: continue
      }
    }
    // The socket closes when the command replaces the process.
    guard ready else { throw RuntimeError(.failed, "the process ended before it was ready") }
    return ExecutedProcess(pid: child, terminal: terminal, warnings: warnings)
  }
}

/// The process that `execute` makes, from its birth to its command.
struct ProcessBeside {
  let process: Bundle.Process
  /// For the kernel's choice of whom to kill when memory is short.
  let score: Int?
  let linux: Bundle.Linux?
  /// Of the container.
  let id: String
  let filter: SeccompFilter?
  let options: Container.ExecutionOptions
  let place: CgroupPlace
  let isBornInCgroup: Bool
  let namespaces: Namespaces

  /// Does not come back; the compiler is not told, or it would complain of what its caller releases
  /// afterwards.
  func run(_ maker: borrowing FileDescriptor, beside target: borrowing FileDescriptor) {
    do throws(RuntimeError) {
      let (path, environment) = try prepare(maker, target)
      try step("report") { () throws(SyscallError) in try maker.say(.ready) }
      do throws(SyscallError) {
        try Processes.execute(path, arguments: process.args, environment: environment)
      } catch {
        throw ExecutableSearch.executionError(path, error.errno)
      }
    } catch {
      // Nobody left to tell: the maker sees that this process ended.
      try? maker.say(.failed(error))
      Processes.exitNow(1)
    }
  }

  private func prepare(
    _ maker: borrowing FileDescriptor, _ target: borrowing FileDescriptor
  ) throws(RuntimeError) -> (path: String, environment: [String]) {
    try ChildStart.prepare(
      keeping: [maker.rawValue, target.rawValue] + options.streams, preserved: options.preserved)
    try ChildStart.beginSession(keyring: id)
    if let cpus = try ProcessPlacement.cpus(process.execCPUAffinity?.initial, "execCPUAffinity.initial") {
      try step("set the CPU affinity") { () throws(SyscallError) in try setAffinity(cpus: cpus) }
    }
    if Identity.effectiveUser == 0, let score {
      try step("set the OOM score to \(score)") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/self/oom_score_adj", .writeOnly).write("\(score)".utf8)
      }
    }
    try place.join(born: isBornInCgroup)
    let labels = try SecurityLabels(process)
    var placed = linux
    // That of the container's own process only.
    placed?.memoryPolicy = nil
    let placement = try ProcessPlacement(process, placed)
    try joinNamespaces(target)
    let terminal = try openTerminal(maker)
    try ChildStart.connect(options.streams, terminal)
    let peer = try step("duplicate the handshake's socket") { () throws(SyscallError) in try maker.duplicate()
    }
    let number = peer.rawValue
    let warn: (String) -> Void = { text in
      // A maker that is gone is noticed by the next message.
      try? FileDescriptor.borrowing(number) { (peer) throws(SyscallError) in try peer.say(.warning(text)) }
    }
    for warning in labels.warnings { warn(warning) }
    let setup = ProcessSetup(
      process: process, placement: placement, filter: filter, preserved: options.preserved, warn: warn)
    return try setup.apply(labels, peer)
  }

  /// All at once; where the container's users may not enter one that belongs to the caller's, that one first.
  private func joinNamespaces(_ target: borrowing FileDescriptor) throws(RuntimeError) {
    do throws(SyscallError) { try namespaces.join(target) } catch {
      guard error.errno == .notPermitted, namespaces.contains(.user) else {
        throw RuntimeError(step: "join the container's namespaces", error)
      }
      try step("join the container's namespaces") { () throws(SyscallError) in
        try joinOneByOne(target)
      }
    }
    if namespaces.contains(.user) {
      try step("become root of the user namespace") { () throws(SyscallError) in
        try Identity.setGroup(0)
        try Identity.setUser(0)
        try ProcessAttributes.setDumpable(false)
      }
    }
  }

  private func joinOneByOne(_ target: borrowing FileDescriptor) throws(SyscallError) {
    var left: Namespaces = [.user]
    for kind in [Namespaces.network, .ipc, .uts, .cgroup, .time] where namespaces.contains(kind) {
      do throws(SyscallError) { try kind.join(target) } catch {
        guard error.errno == .notPermitted else { throw error }
        left.insert(kind)
      }
    }
    try left.union(namespaces.intersection(.mount)).join(target)
  }

  private func openTerminal(_ maker: borrowing FileDescriptor) throws(RuntimeError) -> Terminal? {
    guard process.terminal else { return nil }
    let root = RootDirectory(
      descriptor: try step("open /") { () throws(SyscallError) in
        try FileDescriptor.open("/", [.path, .directory])
      })
    let terminal = try Terminal.open(in: root, size: process.consoleSize, showAsConsole: false)
    _ = try step("hand the terminal over") { () throws(SyscallError) in
      try maker.send(Handshake.encode(.terminal), descriptors: [terminal.master.rawValue])
    }
    return terminal
  }
}
