import Cgroups
import Linux
import OCISpec

/// A container that this runtime made: an identity whose facts stand in its state directory.
public final class Container {
  public let id: String
  public let bundle: Bundle
  /// The bundle's directory, absolute.
  public let bundlePath: String
  /// Of its first process, as the caller's pid namespace counts. The process that called `create` is its
  /// parent and must reap it.
  public let pid: Int32
  public let cgroup: Cgroup
  /// What could not be done as asked, and went on all the same.
  public let warnings: [String]

  let directory: StateDirectory
  let startTime: UInt64
  public let created: String
  /// Who made it.
  public let owner: UInt32
  let hasNoCgroup: Bool
  /// Of systemd, where that made the cgroup.
  let unit: String?
  private var terminal: FileDescriptor?
  /// The maker's end of what it and the first process say to each other.
  private var firstProcess: FileDescriptor?
  private var advice: String?

  init(
    directory: StateDirectory, record: StateDirectory.Record, bundle: Bundle, cgroup: Cgroup,
    warnings: [String] = [],
    terminal: consuming FileDescriptor? = nil
  ) {
    self.directory = directory
    self.bundle = bundle
    self.cgroup = cgroup
    self.warnings = warnings
    self.terminal = terminal
    id = record.id
    bundlePath = record.bundle
    pid = record.pid
    startTime = record.startTime
    created = record.created
    owner = record.owner
    hasNoCgroup = record.hasNoCgroup
    unit = record.unit
  }

  /// A container that was created earlier, perhaps by another process.
  public static func load(_ id: String, stateRoot: String) throws(RuntimeError) -> Container {
    let directory = try StateDirectory(root: stateRoot, id: id)
    let (record, bundle) = try directory.read()
    let layout = try step("find the cgroups") { () throws(SyscallError) in try CgroupLayout.discover() }
    return Container(
      directory: directory, record: record, bundle: bundle, cgroup: Cgroup(record.cgroup, in: layout))
  }

  /// All containers below a root, sorted by name; one that goes away meanwhile is left out.
  public static func all(stateRoot: String) throws(RuntimeError) -> [Container] {
    var found: [Container] = []
    for name in try StateDirectory.names(in: stateRoot) {
      do throws(RuntimeError) { found.append(try load(name, stateRoot: stateRoot)) } catch
        where error.kind == .noSuchContainer
      {
        continue
      }
    }
    return found
  }

  /// The master of its terminal, once; nil when the bundle asks for none.
  public func takeTerminal() -> FileDescriptor? { terminal.take() }

  func keep(_ socket: consuming FileDescriptor, _ advice: String?) {
    firstProcess = consume socket
    self.advice = advice
  }

  /// Why its command did not run, or did not run well, as far as the command's file says it; nil where nothing is wrong with
  /// that. For a container that has ended with this code, made by this process with `keepsLastWord`; once.
  public func lastWord(code: Int32) -> String? {
    guard let socket = firstProcess.take() else { return nil }
    // Its other end is closed: nothing is waited for, and a process that became its command has said nothing.
    if case .failed(let error) = try? socket.hear()?.message { return error.message }
    return code == 0 ? nil : advice
  }

  /// Its state now.
  public func state() -> ContainerState {
    let status = self.status()
    return ContainerState(
      id: id, status: status, pid: status == .stopped ? nil : pid, bundle: bundlePath,
      annotations: bundle.annotations)
  }

  public func status() -> ContainerState.Status {
    guard isAlive() else { return .stopped }
    // A frozen state that cannot be read is none.
    if !hasNoCgroup, (try? cgroup.isFrozen()) ?? false { return .paused }
    return Files.exist(directory.startPipe) ? .created : .running
  }

  /// Whether its first process runs: the same one, and not dead and waiting to be reaped.
  private func isAlive() -> Bool {
    // A process that is gone cannot be read.
    guard let status = try? ProcessStatus.of(pid) else { return false }
    return status.startTime == startTime && status.state != "Z" && status.state != "X"
  }

  /// Lets the command run; the container must be created and not started yet.
  public func start() throws(RuntimeError) {
    let status = self.status()
    guard status == .created else {
      throw RuntimeError(
        .wrongState,
        status == .stopped
          ? "cannot start a container that has stopped" : "cannot start an already running container")
    }
    let hooks = Hooks(bundle: bundle, directory: bundlePath)
    try step("start") { () throws(SyscallError) in
      let pipe = try FileDescriptor.open(directory.startPipe, [.writeOnly, .nonBlocking])
      try Files.unlink(directory.startPipe)
      try pipe.write([1])
      if hooks.has(\.poststart) { try Self.waitForCommand(pipe) }
    }
    guard bundle.process != nil else {
      throw RuntimeError(.invalid, "the bundle names no process: there is nothing to start")
    }
    do throws(RuntimeError) {
      // However short its command: this is the point of its life that the hooks are for.
      var state = state()
      state.status = .running
      state.pid = pid
      try hooks.run(\.poststart, "poststart", state: state)
    } catch {
      // The specification has the container stopped and destroyed then (runtime.md, Lifecycle).
      _ = try? delete(force: true, reap: true)
      throw error
    }
  }

  /// The first process has the other end until its command replaces it, or it ends.
  private static func waitForCommand(_ pipe: borrowing FileDescriptor) throws(SyscallError) {
    let epoll = try Epoll()
    try epoll.add(pipe.rawValue, .error, token: 0)
    _ = try epoll.wait()
  }

  /// Sends a signal to the first process, or with `all` to every process in it.
  public func kill(_ signal: Signal, all: Bool = false) throws(RuntimeError) {
    let status = self.status()
    if all && !hasNoCgroup {
      if status == .stopped && !cgroup.exists { return }
      return try step("signal the container's processes") { () throws(SyscallError) in
        try cgroup.signalAll(signal)
      }
    }
    guard status != .stopped else { throw RuntimeError(.wrongState, "container not running") }
    try step("signal the container") { () throws(SyscallError) in
      do throws(SyscallError) {
        let process = try ProcessHandle(pid: pid)
        if isAlive() { try process.signal(signal) }
      } catch  where error.errno == .noSuchProcess {}
      // What is frozen dies only when it is thawed.
      if signal == .kill && status == .paused { try cgroup.thaw() }
    }
  }

  /// Stops all its processes where they are.
  public func pause() throws(RuntimeError) {
    let status = self.status()
    guard status == .running || status == .created else {
      throw RuntimeError(.wrongState, "container not running or created: \(status.rawValue)")
    }
    guard !hasNoCgroup else { throw RuntimeError(.wrongState, "cannot pause a container without a cgroup") }
    try step("pause") { () throws(SyscallError) in try cgroup.freeze() }
  }

  /// Lets them go on.
  public func resume() throws(RuntimeError) {
    let status = self.status()
    guard status == .paused else { throw RuntimeError(.wrongState, "container not paused") }
    try step("resume") { () throws(SyscallError) in try cgroup.thaw() }
  }

  /// Changes its limits.
  public func update(_ resources: Bundle.Resources) throws(RuntimeError) {
    if let unit { try CgroupScope.limit(unit, CgroupLimits(resources), unified: cgroup.isUnified) }
    try step("change the limits") { () throws(SyscallError) in try cgroup.apply(CgroupLimits(resources)) }
  }

  /// The processes in it, as the caller's pid namespace counts them.
  public func processes() throws(RuntimeError) -> [Int32] {
    try step("list the processes") { () throws(SyscallError) in try cgroup.processes() }
  }

  /// Removes what is left of it. It must have stopped (runtime.md, Delete); with `force` it is killed
  /// first. If the caller is its parent it must have reaped it, or leave that to this with `reap`. What its
  /// poststop hooks complain of is the answer: the container is gone all the same.
  @discardableResult
  public func delete(force: Bool = false, reap: Bool = false) throws(RuntimeError) -> [String] {
    let status = self.status()
    if status != .stopped {
      guard force else {
        throw RuntimeError(
          .wrongState, "cannot delete container \(id) that is not stopped: \(status.rawValue)")
      }
      do throws(RuntimeError) { try kill(.kill) } catch {
        // It has ended by itself meanwhile, as it does when its maker was killed.
        guard error.kind == .wrongState else { throw error }
      }
      try waitForEnd(reap: reap)
    }
    if !hasNoCgroup { try removeCgroup() }
    if let unit { try CgroupScope.stop(unit) }
    try directory.remove()
    return Hooks(bundle: bundle, directory: bundlePath).runAll(
      \.poststop, "poststop",
      state: ContainerState(
        id: id, status: .stopped, pid: nil, bundle: bundlePath, annotations: bundle.annotations))
  }

  /// With a pid namespace of its own none of its processes has outlived the first: who is in the cgroup still
  /// is a stranger that was put there.
  private func removeCgroup() throws(RuntimeError) {
    if cgroup.removeUnlessBusy() { return }
    if !(try processes()).isEmpty {
      if sharesCgroup { return }
      if !bundle.makes(.pid) {
        try step("kill the remaining processes") { () throws(SyscallError) in
          if try cgroup.isFrozen() { try cgroup.thaw() }
          try cgroup.signalAll(.kill)
        }
      }
    }
    try step("remove the cgroup") { () throws(SyscallError) in try cgroup.remove() }
  }

  /// Whether another container below the same root lives in the same cgroup.
  private var sharesCgroup: Bool {
    // What cannot be listed is not there.
    let others = (try? Container.all(stateRoot: directory.root)) ?? []
    return others.contains { $0.id != id && $0.cgroup.path == cgroup.path && $0.status() != .stopped }
  }

  /// Removes what a runtime that was killed while it made the container of this name has left.
  public static func sweep(_ id: String, stateRoot: String) throws(RuntimeError) {
    let directory = try StateDirectory(root: stateRoot, id: id)
    guard Files.exist(directory.path), !directory.isMaking else { return }
    if let (path, unit) = directory.notedCgroup() {
      let layout = try step("find the cgroups") { () throws(SyscallError) in try CgroupLayout.discover() }
      let cgroup = Cgroup(path, in: layout)
      try step("remove the cgroup") { () throws(SyscallError) in
        // Its process ends by itself when the runtime is gone.
        for _ in 0..<100 where !cgroup.removeUnlessBusy() { Clock.sleep(milliseconds: 5) }
      }
      if let unit { try CgroupScope.stop(unit) }
    }
    try directory.remove()
  }

  private func waitForEnd(reap: Bool) throws(RuntimeError) {
    if reap {
      _ = try step("wait for the container's end") { () throws(SyscallError) in try Wait.forEnd(of: pid) }
    }
    for attempt in 0..<1000 where isAlive() {
      Clock.sleep(milliseconds: attempt < 10 ? 1 : 10)
      // Somebody may have put it into another cgroup, and frozen that.
      if attempt == 20 { Cgroup.thawHome(of: pid) }
    }
    guard !isAlive() else { throw RuntimeError(.failed, "the container's process \(pid) does not end") }
  }
}
