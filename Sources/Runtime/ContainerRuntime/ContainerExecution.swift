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
  /// Runs a process in the running container. Returns once its command runs, or throws why it does not.
  /// What the process does not say of capabilities is as the container's own process has it. The calling
  /// process must have one thread. In a paused container, which `evenPaused` allows, this waits until it
  /// goes on.
  public func execute(
    _ process: Bundle.Process, streams: [Int32] = [0, 1, 2], preserved: Int32 = 0, evenPaused: Bool = false
  ) throws(RuntimeError) -> ExecutedProcess {
    try process.check()
    let status = self.status()
    guard status == .running || status == .created || (status == .paused && evenPaused) else {
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
    let hasPidNamespace = bundle.namespaceKinds.contains(.pid)
    let pidNamespace =
      try hasPidNamespace ? PidNamespaceChange.join(target.descriptor) : PidNamespaceChange.none()
    let group = try openUnifiedCgroup()
    let side = try step("make a process") { () throws(SyscallError) in try Processes.fork(cgroup: group) }
    if side == .child {
      let beside = ProcessBeside(
        process: process, filter: filter, streams: streams, preserved: preserved, cgroup: cgroup,
        namespaces: bundle.namespaceKinds.subtracting(.pid))
      beside.run(sockets.theirs, beside: target.descriptor)
    }
    guard case .parent(let child) = side else { throw RuntimeError(.failed, "the process lives on") }
    do throws(RuntimeError) {
      try pidNamespace.restore()
      return try finish(child, process, sockets.intoOurs())
    } catch {
      // The error that led here is the one to tell.
      try? Processes.signal(child, .kill)
      // As above.
      _ = try? Wait.forEnd(of: child)
      throw error
    }
  }

  /// In version 2 a process is born in its cgroup; in version 1 it joins by itself.
  private func openUnifiedCgroup() throws(RuntimeError) -> FileDescriptor? {
    guard case .unified = cgroup.layout.kind else { return nil }
    return try step("open the cgroup") { () throws(SyscallError) in
      try FileDescriptor.open(cgroup.directories[0], [.directory])
    }
  }

  private func finish(
    _ child: Int32, _ process: Bundle.Process, _ socket: consuming FileDescriptor
  ) throws(RuntimeError) -> ExecutedProcess {
    if let score = process.oomScoreAdj ?? bundle.process?.oomScoreAdj {
      try step("set the OOM score to \(score)") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/\(child)/oom_score_adj", .writeOnly).write("\(score)".utf8)
      }
    }
    // A child that is gone is noticed by what is heard next.
    try? socket.say(.proceed)
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
      case .ready: ready = true
      case .proceed, .prepared: continue
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
  let filter: SeccompFilter?
  let streams: [Int32]
  let preserved: Int32
  let cgroup: Cgroup
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
    try ChildStart.prepare(keeping: [maker.rawValue, target.rawValue] + streams, preserved: preserved)
    let heard = try step("wait for the runtime") { () throws(SyscallError) in try maker.hear() }
    guard heard?.message == .proceed else { throw RuntimeError(.failed, "the runtime went away") }
    if case .separate = cgroup.layout.kind {
      try step("join the cgroup \(cgroup.path)") { () throws(SyscallError) in try cgroup.join() }
    }
    try step("join the container's namespaces") { () throws(SyscallError) in try namespaces.join(target) }
    if namespaces.contains(.user) {
      try step("become root of the user namespace") { () throws(SyscallError) in
        try Identity.setGroup(0)
        try Identity.setUser(0)
      }
    }
    let terminal = try openTerminal(maker)
    try ChildStart.connect(streams, terminal)
    let peer = try maker.duplicateForHandshake()
    let setup = ProcessSetup(process: process, filter: filter, preserved: preserved) { text in
      // A maker that is gone is noticed by the next message.
      try? peer.say(.warning(text))
    }
    return try setup.apply()
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
