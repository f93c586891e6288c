import Cgroups
import Linux
import OCISpec

extension Container {
  /// How a container is made, besides what its bundle says.
  public struct Options: Sendable {
    /// What the command gets as descriptors 0, 1 and 2 where the bundle asks for no terminal. They stay the
    /// caller's.
    public var streams: [Int32] = [0, 1, 2]
    /// How many of the caller's descriptors from 3 on the command keeps.
    public var preserved: Int32 = 0
    /// Take this for the contents of `config.json` instead of reading it.
    public var bundle: Bundle?
    /// Changes what `config.json` says.
    public var change: (@Sendable (inout Bundle) -> Void)?
    /// False: where the host's root is a ram disk, which pivot_root(2) cannot leave.
    public var pivots = true
    /// A session keyring of the container's own.
    public var makesKeyring = true
    /// The first process is killed when its maker ends, however that comes: for one who stays beside it.
    public var endsWithMaker = false
    /// Asked of the container later, `Container.lastWord` says why its command did not run. The maker must live as
    /// long as the container.
    public var keepsLastWord = false
    /// Directories that sources of bind mounts must not leave, and not through symbolic links within them either, by the
    /// path of the source.
    public var confinedSources: [String: String] = [:]
    /// The command begins with every signal blocked, those included that come while it is still to become itself: for one
    /// that takes them by itself. As the first process of its namespace it would otherwise lose them.
    public var blocksSignals = false
    /// Systemd makes the cgroup, as a scope (systemd.scope(5)).
    public var usesSystemd = false
    /// Hears of the steps.
    public var trace: (@Sendable (String) -> Void)?
    public init() {}
  }

  /// Makes a container up to the point where its command only waits for `start`. The calling process, which
  /// must have one thread, becomes the parent of its first process. When this throws, nothing of the
  /// container is left.
  public static func create(
    _ id: String, bundle path: String, stateRoot: String, options: Options = Options()
  ) throws(RuntimeError) -> Container {
    let directory = try StateDirectory(root: stateRoot, id: id)
    let absolute = try step("find the bundle") { () throws(SyscallError) in try Files.realPath(path) }
    var (bundle, bytes) =
      if let given = options.bundle { (given, given.text) } else { try Bundle.read(absolute) }
    if let change = options.change {
      let before = bundle
      change(&bundle)
      if bundle != before { bytes = bundle.text }
    }
    var creation = try ContainerCreation(
      directory: directory, bundlePath: absolute, bundle: bundle, bytes: bytes, options: options)
    try bundle.check(unifiedCgroups: creation.isUnified)
    try creation.checkRoot()
    let lock = try directory.make()
    do throws(RuntimeError) {
      let container = try creation.run()
      _ = consume lock
      return container
    } catch {
      creation.undo()
      throw error
    }
  }
}

/// One container in the making, from its maker's side.
struct ContainerCreation {
  let directory: StateDirectory
  let bundlePath: String
  let bundle: Bundle
  let bytes: [UInt8]
  let options: Container.Options
  var cgroup: CgroupCreation
  var child: Int32?
  var warnings: [String] = []

  init(
    directory: StateDirectory, bundlePath: String, bundle: Bundle, bytes: [UInt8], options: Container.Options
  ) throws(RuntimeError) {
    self.directory = directory
    self.bundlePath = bundlePath
    var bundle = bundle
    for index in bundle.mounts.indices { bundle.mounts[index].cleanDestination() }
    self.bundle = bundle
    self.bytes = bytes
    self.options = options
    cgroup = try CgroupCreation(bundle, id: directory.id, bySystemd: options.usesSystemd)
  }

  var isUnified: Bool { cgroup.isUnified }
  /// The maker may write only to what is the maker's own in /proc, which a process that is hidden is not.
  let isOrdinaryUser = Identity.effectiveUser != 0
  private var hasUsers: Bool { bundle.namespaceKinds.contains(.user) }
  /// The first process cannot open the cgroup's files: they are not its users', or out of its sight.
  private var needsEntrance: Bool { hasUsers || bundle.joins(.mount) }

  mutating func run() throws(RuntimeError) -> Container {
    let filter = try bundle.linux?.seccomp?.filter(cache: "\(directory.root)/.seccomp")
    let joined = try NamespaceFiles.open(bundle.linux?.namespaces ?? [])
    let prepared =
      try needsPreparing ? PreparedMounts.open(bundle, MountSources(bundlePath, options)) : .none()
    // Open for both directions: reading then waits for the start instead of seeing an end at once.
    let startPipe = try step("open the start pipe") { () throws(SyscallError) in
      try FileDescriptor.open(directory.startPipe, .readWrite)
    }
    let sockets = try step("make a socket pair") { () throws(SyscallError) in try SocketPair(packets: true) }
    // In version 2 a process is born in its cgroup; in version 1 the child joins, and mounts while the
    // cgroup is made. Who stands in a user namespace may not join: for him all is open beforehand.
    try directory.note(cgroup: cgroup.cgroup.path, unit: cgroup.unit)
    if needsEntrance || isUnified, !cgroup.needsProcess { try cgroup.make() }
    let group = try cgroup.openUnified()
    let entrance = try needsEntrance ? cgroup.entrance() : CgroupEntrance.none()
    options.trace?(
      "nsexec container setup: namespaces \(bundle.linux?.namespaces.map(\.type.rawValue) ?? [])")
    // Whoever stands in other users' namespace already could not make these for the container.
    let standsBetween = hasUsers && !joined.isEmpty
    let pidNamespace = try standsBetween ? PidNamespaceChange.none() : joined.enterPidNamespace()
    let side = try step("make the container's first process") { () throws(SyscallError) in
      try Processes.fork(standsBetween ? [] : bundle.madeNamespaces, cgroup: group)
    }
    if side == .child {
      var first = ContainerInit(
        self, filter: filter, startPipe: startPipe, joined: joined, prepared: prepared, entrance: entrance,
        isBornInCgroup: group != nil, isMovedByMaker: needsEntrance && cgroup.needsProcess)
      if standsBetween { first.standBetween(sockets.theirs) }
      first.run(sockets.theirs)
    }
    guard case .parent(let pid) = side else {
      throw RuntimeError(.failed, "the container's process lives on")
    }
    child = pid
    try pidNamespace.restore()
    let socket = sockets.intoOurs()
    if standsBetween { try hearOfBirth(socket, from: pid) }
    return try finish(socket)
  }

  private var needsPreparing: Bool {
    guard bundle.makes(.mount) else { return false }
    return hasUsers
      || bundle.mounts.contains {
        !$0.uidMappings.isEmpty || !$0.gidMappings.isEmpty || $0.options.contains("idmap")
          || $0.options.contains("ridmap")
      }
  }

  /// The process in between tells which one it made, and ends.
  private mutating func hearOfBirth(_ socket: borrowing FileDescriptor, from between: Int32)
    throws(RuntimeError)
  {
    let heard = try step("hear of the container's first process") { () throws(SyscallError) in
      try socket.hear()
    }
    switch heard?.message {
    case .born(let pid):
      child = pid
      _ = try step("reap the process in between") { () throws(SyscallError) in try Wait.forEnd(of: between) }
    case .failed(let error): throw error
    default:
      throw RuntimeError(.failed, "the container's first process was not made: \(ending(between))")
    }
  }

  var rootPath: String {
    let path = bundle.root?.path ?? ""
    return path.hasPrefix("/") ? path : "\(bundlePath)/\(path)"
  }

  /// The place of a root file system cannot be taken by a link's.
  func checkRoot() throws(RuntimeError) {
    let path = rootPath.hasSuffix("/") ? String(rootPath.dropLast()) : rootPath
    // In a mount namespace that is joined it is looked up when that is entered.
    if bundle.joins(.mount) { return }
    let status = try step("look at the root file system") { () throws(SyscallError) in
      try Files.linkStatus(path)
    }
    guard status.kind != .symbolicLink else {
      throw RuntimeError(
        .invalid, "the root file system \(path) is a symbolic link: name the directory itself")
    }
    guard status.kind == .directory else {
      throw RuntimeError(.invalid, "the root file system \(path) is not a directory")
    }
  }

  func state(_ status: ContainerState.Status = .creating, pid: Int32?) -> ContainerState {
    ContainerState(
      id: directory.id, status: status, pid: pid, bundle: bundlePath, annotations: bundle.annotations)
  }

  /// While the child mounts, its cgroup is made.
  private mutating func finish(_ socket: consuming FileDescriptor) throws(RuntimeError) -> Container {
    let pid = child ?? 0
    try confine(pid)
    tell(socket, .proceed)
    let record = try record(pid)
    var terminal: FileDescriptor?
    var advice: String?
    while true {
      guard
        let (message, descriptor) = try step(
          "hear from the container", { () throws(SyscallError) in try socket.hear() })
      else {
        throw RuntimeError(.failed, "the container's first process ended before it was ready: \(ending(pid))")
      }
      switch message {
      case .prepared:
        try runHooks(pid)
        tell(socket, .proceed)
      case .warning(let text): warnings.append(text)
      case .advice(let text): advice = text
      case .terminal: terminal = descriptor.map { FileDescriptor(owning: $0) }
      case .listener(let number):
        try bundle.linux?.seccomp?.tellAgent(number, of: pid, state: state(pid: pid))
        tell(socket, .proceed)
      case .failed(let error): throw error
      case .proceed, .born: continue
      case .ready:
        options.trace?("init: closing the pipe to signal completion")
        try directory.publish()
        tell(socket, .proceed)
        let container = Container(
          directory: directory, record: record, bundle: bundle, cgroup: cgroup.cgroup, warnings: warnings,
          terminal: terminal)
        if options.keepsLastWord { container.keep(socket, advice) }
        return container
      }
    }
  }

  private func runHooks(_ pid: Int32) throws(RuntimeError) {
    let hooks = Hooks(bundle: bundle, directory: bundlePath)
    try hooks.run(\.prestart, "prestart", state: state(.created, pid: pid))
    try hooks.run(\.createRuntime, "createRuntime", state: state(pid: pid))
  }

  private func tell(_ socket: borrowing FileDescriptor, _ message: Handshake.Message) {
    // A child that is gone has said why, or ended: what is heard next tells.
    try? socket.say(message)
  }

  private mutating func confine(_ pid: Int32) throws(RuntimeError) {
    options.trace?("child process in init(): pid \(pid)")
    if bundle.madeNamespaces.contains(.user), let linux = bundle.linux {
      try UserMapping(uids: linux.uidMappings, gids: linux.gidMappings).write(for: pid)
    }
    if let score = bundle.process?.oomScoreAdj { try setScore(score, pid) }
    if let devices = bundle.linux?.netDevices, !devices.isEmpty {
      try NetworkDevices(devices).move(to: pid)
    }
    try cgroup.make(for: pid, moves: needsEntrance)
    warnings += cgroup.warnings
  }

  private func setScore(_ score: Int, _ pid: Int32) throws(RuntimeError) {
    do throws(SyscallError) {
      try FileDescriptor.open("/proc/\(pid)/oom_score_adj", .writeOnly).write("\(score)".utf8)
    } catch {
      // Without rights nobody is made safer than his parent.
      if Identity.effectiveUser != 0 && error.errno == .permissionDenied { return }
      throw RuntimeError(step: "set the OOM score to \(score)", error)
    }
  }

  /// Writes down what is known of it as soon as it has a process.
  private func record(_ pid: Int32) throws(RuntimeError) -> StateDirectory.Record {
    let startTime = try step("look at the container's first process") { () throws(SyscallError) in
      try ProcessStatus.of(pid).startTime
    }
    let record = StateDirectory.Record(
      id: directory.id, bundle: bundlePath, pid: pid, startTime: startTime, cgroup: cgroup.cgroup.path,
      created: Timestamp.rfc3339(Clock.realtime), owner: Identity.effectiveUser,
      hasNoCgroup: cgroup.isAbsent, unit: cgroup.unit)
    try directory.write(record, bundle: bytes)
    return record
  }

  private mutating func ending(_ pid: Int32) -> String {
    child = nil
    // It is this process's child, so there is something to wait for.
    switch try? Wait.forEnd(of: pid) {
    case .exited(let code): return "exit status \(code)"
    case .signalled(let signal): return "\(Signal(rawValue: signal))"
    case nil: return "unknown"
    }
  }

  /// Takes everything back. The error that led here is the one to tell, so those of this are not.
  func undo() {
    if let child {
      // As said above.
      try? Processes.signal(child, .kill)
      // As said above.
      _ = try? Wait.forEnd(of: child)
    }
    cgroup.undo()
    // As said above.
    try? directory.remove()
  }
}

extension Bundle.Seccomp {
  func filter(cache: String) throws(RuntimeError) -> SeccompFilter {
    try SeccompFilter.prepare(self, cache: cache)
  }
}

extension Bundle {
  /// The namespaces that are made with the first process. That of cgroups comes later, when the process is
  /// in its cgroup, and that of time before the command, when its clocks are set.
  var madeNamespaces: Namespaces {
    let all = (linux?.namespaces ?? []).filter {
      $0.path ?? "" == "" && $0.type != .cgroup && $0.type != .time
    }
    return all.reduce(into: Namespaces()) { $0.insert($1.type.flag) }
  }

  /// Whether the container has a namespace of this kind that was made for it.
  func makes(_ kind: Namespace.Kind) -> Bool {
    linux?.namespaces.contains { $0.type == kind && $0.path ?? "" == "" } ?? false
  }

  /// Whether it stands in a namespace of this kind that was there before.
  func joins(_ kind: Namespace.Kind) -> Bool {
    linux?.namespaces.contains { $0.type == kind && $0.path ?? "" != "" } ?? false
  }
}
