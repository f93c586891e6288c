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
    let (bundle, bytes) =
      if let given = options.bundle { (given, given.text) } else { try Bundle.read(absolute) }
    var creation = try ContainerCreation(
      directory: directory, bundlePath: absolute, bundle: bundle, bytes: bytes, options: options)
    try bundle.check(unifiedCgroups: creation.isUnified)
    try directory.make()
    do throws(RuntimeError) { return try creation.run() } catch {
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
  let cgroup: Cgroup
  private var child: Int32?
  private var ownsCgroup = false
  private var warnings: [String] = []

  init(
    directory: StateDirectory, bundlePath: String, bundle: Bundle, bytes: [UInt8], options: Container.Options
  ) throws(RuntimeError) {
    self.directory = directory
    self.bundlePath = bundlePath
    self.bundle = bundle
    self.bytes = bytes
    self.options = options
    let layout = try step("find the cgroups") { () throws(SyscallError) in try CgroupLayout.discover() }
    cgroup = Cgroup(try Self.cgroupPath(bundle.linux?.cgroupsPath, id: directory.id), in: layout)
  }

  /// `/a/b` as it is; systemd's form `slice:prefix:name` as the path that systemd would make of it.
  static func cgroupPath(_ asked: String?, id: String) throws(RuntimeError) -> String {
    guard let asked, !asked.isEmpty else { return "/skiff-\(id)" }
    let parts = asked.split(separator: ":", omittingEmptySubsequences: false)
    let slice = parts[0].isEmpty ? "system.slice" : parts[0]
    let path = parts.count == 3 && !asked.contains("/") ? "/\(slice)/\(parts[1])-\(parts[2]).scope" : asked
    guard !path.split(separator: "/").contains("..") else {
      throw RuntimeError(.invalid, "the cgroup path leaves the hierarchy: \(asked)")
    }
    return path.hasPrefix("/") ? path : "/\(path)"
  }

  mutating func run() throws(RuntimeError) -> Container {
    let filter = try bundle.linux?.seccomp?.filter(cache: "\(directory.root)/.seccomp")
    let joined = try NamespaceFiles.open(bundle.linux?.namespaces ?? [])
    // Open for both directions: reading then waits for the start instead of seeing an end at once.
    let startPipe = try step("open the start pipe") { () throws(SyscallError) in
      try FileDescriptor.open(directory.startPipe, .readWrite)
    }
    let sockets = try step("make a socket pair") { () throws(SyscallError) in try SocketPair(packets: true) }
    let pidNamespace = try joined.enterPidNamespace()
    let made = bundle.madeNamespaces
    // In version 2 a process is born in its cgroup; in version 1 the child joins, and mounts while the
    // cgroup is made.
    let group = try isUnified ? makeCgroup() : nil
    let side = try step("make the container's first process") { () throws(SyscallError) in
      try Processes.fork(made, cgroup: group)
    }
    if side == .child {
      var first = ContainerInit(
        bundle: bundle, rootPath: rootPath, cgroup: cgroup, filter: filter, streams: options.streams,
        preserved: options.preserved, state: state(pid: nil), startPipe: startPipe, joined: joined)
      first.run(sockets.theirs)
    }
    guard case .parent(let pid) = side else {
      throw RuntimeError(.failed, "the container's process lives on")
    }
    child = pid
    try pidNamespace.restore()
    return try finish(pid, sockets.intoOurs())
  }

  private var rootPath: String {
    let path = bundle.root?.path ?? ""
    return path.hasPrefix("/") ? path : "\(bundlePath)/\(path)"
  }

  private func state(pid: Int32?) -> ContainerState {
    ContainerState(
      id: directory.id, status: .creating, pid: pid, bundle: bundlePath, annotations: bundle.annotations)
  }

  /// While the child mounts, its cgroup is made.
  private mutating func finish(_ pid: Int32, _ socket: consuming FileDescriptor) throws(RuntimeError)
    -> Container
  {
    try confine(pid)
    try tell(socket, .proceed)
    var terminal: FileDescriptor?
    while true {
      guard
        let (message, descriptor) = try step(
          "hear from the container", { () throws(SyscallError) in try socket.hear() })
      else {
        throw RuntimeError(.failed, "the container's first process ended before it was ready: \(ending(pid))")
      }
      switch message {
      case .prepared:
        try Hooks.run(bundle.hooks?.prestart ?? [], "prestart", state: state(pid: pid))
        try Hooks.run(bundle.hooks?.createRuntime ?? [], "createRuntime", state: state(pid: pid))
        try tell(socket, .proceed)
      case .warning(let text): warnings.append(text)
      case .terminal: terminal = descriptor.map { FileDescriptor(owning: $0) }
      case .failed(let error): throw error
      case .proceed: continue
      case .ready: return try record(pid, terminal)
      }
    }
  }

  private func tell(_ socket: borrowing FileDescriptor, _ message: Handshake.Message) throws(RuntimeError) {
    // A child that is gone has said why, or ended: what is heard next tells.
    try? socket.say(message)
  }

  private mutating func confine(_ pid: Int32) throws(RuntimeError) {
    if bundle.namespaceKinds.contains(.user), let linux = bundle.linux {
      try mapUsers(linux.uidMappings, pid, "uid_map")
      try mapUsers(linux.gidMappings, pid, "gid_map")
    }
    if let score = bundle.process?.oomScoreAdj {
      try step("set the OOM score to \(score)") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/\(pid)/oom_score_adj", .writeOnly).write("\(score)".utf8)
      }
    }
    if !isUnified { _ = try makeCgroup() }
    // Root of a user namespace may not write to the host's cgroups.
    if !isUnified && bundle.namespaceKinds.contains(.user) {
      try step("join the cgroup") { () throws(SyscallError) in try cgroup.add(pid) }
    }
  }

  var isUnified: Bool {
    if case .unified = cgroup.layout.kind { return true }
    return false
  }

  /// Makes and limits the cgroup. The answer is its first directory.
  private mutating func makeCgroup() throws(RuntimeError) -> FileDescriptor {
    if cgroup.exists {
      let strangers = try step("look into the cgroup \(cgroup.path)") { () throws(SyscallError) in
        try cgroup.processes()
      }
      guard strangers.isEmpty else {
        throw RuntimeError(
          .failed, "the cgroup \(cgroup.path) is not empty: \(strangers.count) process(es) found")
      }
    }
    ownsCgroup = true
    try step("make the cgroup \(cgroup.path)") { () throws(SyscallError) in try cgroup.create() }
    if let resources = bundle.linux?.resources {
      try step("limit the cgroup") { () throws(SyscallError) in try cgroup.apply(CgroupLimits(resources)) }
    }
    return try step("open the cgroup") { () throws(SyscallError) in
      try FileDescriptor.open(cgroup.directories.first ?? "/sys/fs/cgroup", [.directory])
    }
  }

  private func mapUsers(_ mappings: [Bundle.IDMapping], _ pid: Int32, _ file: String) throws(RuntimeError) {
    if mappings.isEmpty { return }
    let text = mappings.map { "\($0.containerID) \($0.hostID) \($0.size)\n" }.joined()
    try step("write \(file)") { () throws(SyscallError) in
      try FileDescriptor.open("/proc/\(pid)/\(file)", .writeOnly).write(text.utf8)
    }
  }

  private func record(_ pid: Int32, _ terminal: consuming FileDescriptor?) throws(RuntimeError) -> Container {
    let startTime = try step("look at the container's first process") { () throws(SyscallError) in
      try ProcessStatus.of(pid).startTime
    }
    let record = StateDirectory.Record(
      id: directory.id, bundle: bundlePath, pid: pid, startTime: startTime, cgroup: cgroup.path,
      created: Timestamp.rfc3339(Clock.realtime), owner: Identity.effectiveUser)
    try directory.write(record, bundle: bytes)
    return Container(
      directory: directory, record: record, bundle: bundle, cgroup: cgroup, warnings: warnings,
      terminal: terminal)
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
    // As said above.
    if ownsCgroup { try? cgroup.remove() }
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
  /// in its cgroup.
  var madeNamespaces: Namespaces {
    let all = (linux?.namespaces ?? []).filter { $0.path ?? "" == "" && $0.type != .cgroup }
    return all.reduce(into: Namespaces()) { $0.insert($1.type.flag) }
  }
}
