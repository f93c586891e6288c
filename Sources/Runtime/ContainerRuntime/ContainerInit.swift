import Cgroups
import Linux
import OCISpec

/// The first process of a container, from its birth to its command.
struct ContainerInit: ~Copyable {
  let bundle: Bundle
  /// Absolute.
  let rootPath: String
  let cgroup: Cgroup?
  let filter: SeccompFilter?
  /// What the command gets as 0, 1 and 2 where it has no terminal.
  let streams: [Int32]
  /// How many descriptors from 3 on the command keeps.
  let preserved: Int32
  let state: ContainerState
  /// The pipe through which it is told to start.
  let startPipe: FileDescriptor
  /// Where namespaces to join are open.
  let joined: NamespaceFiles
  private var hasProceeded = false
  private var hasJoined = false

  init(
    bundle: Bundle, rootPath: String, cgroup: Cgroup?, filter: SeccompFilter?, streams: [Int32],
    preserved: Int32,
    state: ContainerState, startPipe: consuming FileDescriptor, joined: consuming NamespaceFiles
  ) {
    self.bundle = bundle
    self.rootPath = rootPath
    self.cgroup = cgroup
    self.filter = filter
    self.streams = streams
    self.preserved = preserved
    self.state = state
    self.startPipe = startPipe
    self.joined = joined
  }

  /// Does everything and becomes the command. Does not come back; the compiler is not told, or it would
  /// complain of what its caller releases afterwards.
  mutating func run(_ maker: borrowing FileDescriptor) {
    do throws(RuntimeError) {
      try run(telling: maker)
    } catch {
      // Nobody left to tell: the maker sees that this process ended.
      try? maker.say(.failed(error))
      Processes.exitNow(1)
    }
  }

  private mutating func run(telling maker: borrowing FileDescriptor) throws(RuntimeError) -> Never {
    let process = bundle.process ?? Bundle.Process(args: [])
    try ChildStart.prepare(
      keeping: [maker.rawValue, startPipe.rawValue] + joined.numbers + streams, preserved: preserved)
    try joined.join()
    if bundle.namespaceKinds.contains(.user) {
      try proceed(maker)
      try step("become root of the user namespace") { () throws(SyscallError) in
        try Identity.setGroup(0)
        try Identity.setUser(0)
      }
    }
    let terminal = try prepareRoot(process, maker)
    try ChildStart.connect(streams, terminal)
    let peer = try maker.duplicateForHandshake()
    let setup = ProcessSetup(process: process, filter: filter, preserved: preserved) { text in
      // A maker that is gone is noticed by the next message.
      try? peer.say(.warning(text))
    }
    let (path, environment) = try setup.apply()
    try step("report") { () throws(SyscallError) in try maker.say(.ready) }
    try waitForStart()
    do throws(RuntimeError) {
      try Hooks.run(bundle.hooks?.startContainer ?? [], "startContainer", state: state)
    } catch {
      // Whoever made the container is not listening any more.
      ChildStart.fail(error.message)
    }
    ChildStart.execute(path, process.args, environment)
  }

  /// Waits until the maker has made the cgroup and written the user mapping, and joins the cgroup.
  private mutating func proceed(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    if hasProceeded { return }
    let heard = try step("wait for the runtime") { () throws(SyscallError) in try maker.hear() }
    guard heard?.message == .proceed else { throw RuntimeError(.failed, "the runtime went away") }
    hasProceeded = true
    if !hasJoined, let cgroup, case .separate = cgroup.layout.kind, !bundle.namespaceKinds.contains(.user) {
      try step("join the cgroup \(cgroup.path)") { () throws(SyscallError) in try cgroup.join() }
    }
    hasJoined = true
  }

  /// The whole file system, and the terminal that lives in it.
  private mutating func prepareRoot(
    _ process: Bundle.Process, _ maker: borrowing FileDescriptor
  ) throws(RuntimeError) -> Terminal? {
    let linux = bundle.linux ?? Bundle.Linux()
    try raiseOwnNames()
    let root = try RootSetup.open(rootPath, propagation: linux.rootfsPropagation)
    var mounts = MountSetup(bundle, cgroup: cgroup)
    if bundle.hooks?.createRuntime.isEmpty == false || bundle.hooks?.prestart.isEmpty == false {
      try proceed(maker)
      try step("report") { () throws(SyscallError) in try maker.say(.prepared) }
      hasProceeded = false
      try proceed(maker)
    }
    // The kernel shows the cgroup in which a process is when it makes the namespace as the root.
    if linux.namespaces.contains(where: { $0.type == .cgroup && $0.path == nil }) {
      try proceed(maker)
      try step("make a cgroup namespace") { () throws(SyscallError) in try Namespaces.cgroup.unshare() }
    }
    for mount in bundle.mounts {
      if mount.type == "cgroup" || mount.type == "cgroup2" { try proceed(maker) }
      try mounts.make(mount, in: root)
    }
    let brought = bundle.mounts.contains {
      $0.destination == "/dev" && ($0.type == "bind" || !Set($0.options).isDisjoint(with: ["bind", "rbind"]))
    }
    if !brought {
      try DeviceFiles.make(linux.devices, in: root, bound: bundle.namespaceKinds.contains(.user))
    }
    try KernelParameters.write(linux.sysctl, in: root)
    let terminal =
      process.terminal ? try Terminal.open(in: root, size: process.consoleSize, showAsConsole: true) : nil
    // Where it cannot be made, entering it says why.
    _ = try? root.directory(process.cwd)
    try mounts.finish(in: root)
    try HiddenPaths.protect(linux.readonlyPaths, in: root)
    try HiddenPaths.mask(linux.maskedPaths, in: root)
    try Hooks.run(bundle.hooks?.createContainer ?? [], "createContainer", state: state)
    // The cgroups' files are the host's: they are out of sight afterwards.
    try proceed(maker)
    try RootSetup.enter(root, readOnly: bundle.root?.readonly ?? false, propagation: linux.rootfsPropagation)
    let master = Self.masterNumber(terminal)
    if master >= 0 {
      _ = try step("hand the terminal over") { () throws(SyscallError) in
        try maker.send(Handshake.encode(.terminal), descriptors: [master])
      }
    }
    return terminal
  }

  private static func masterNumber(_ terminal: borrowing Terminal?) -> Int32 {
    switch terminal {
    case .some(let terminal): terminal.master.rawValue
    case .none: -1
    }
  }

  /// Host and domain name, and the loopback link, of namespaces made for this container.
  private func raiseOwnNames() throws(RuntimeError) {
    if let name = bundle.hostname, !name.isEmpty {
      try step("set the hostname") { () throws(SyscallError) in try Namespaces.setHostname(name) }
    }
    if let name = bundle.domainname, !name.isEmpty {
      try step("set the domain name") { () throws(SyscallError) in try Namespaces.setDomainname(name) }
    }
    if bundle.linux?.namespaces.contains(where: { $0.type == .network && $0.path == nil }) ?? false {
      try step("bring the loopback link up") { () throws(SyscallError) in try Namespaces.raiseLoopback() }
    }
  }

  private func waitForStart() throws(RuntimeError) {
    let told = try step("wait for the start") { () throws(SyscallError) in try startPipe.read(upTo: 1) }
    if told.isEmpty { Processes.exitNow(1) }
  }
}

extension FileDescriptor {
  borrowing func duplicateForHandshake() throws(RuntimeError) -> FileDescriptor {
    try step("duplicate the handshake's socket") { () throws(SyscallError) in try duplicate() }
  }
}
