import Cgroups
import Linux
import OCISpec

/// The first process of a container, from its birth to its command.
struct ContainerInit: ~Copyable {
  let bundle: Bundle
  let bundlePath: String
  /// Absolute.
  let rootPath: String
  let cgroup: Cgroup?
  let filter: SeccompFilter?
  let options: Container.Options
  let state: ContainerState
  /// The pipe through which it is told to start.
  let startPipe: FileDescriptor
  /// Where namespaces to join are open.
  let joined: NamespaceFiles
  private var prepared: PreparedMounts
  private let entrance: CgroupEntrance
  private let isBornInCgroup: Bool
  /// Not before its maker has mapped the users: until then it is root of nothing.
  private let hides: Bool
  private var hasProceeded = false
  private var isInCgroup = false
  private var isPrepared = false

  init(
    _ creation: ContainerCreation, filter: SeccompFilter?, startPipe: consuming FileDescriptor,
    joined: consuming NamespaceFiles, prepared: consuming PreparedMounts, entrance: consuming CgroupEntrance,
    isBornInCgroup: Bool, isMovedByMaker: Bool
  ) {
    bundle = creation.bundle
    bundlePath = creation.bundlePath
    rootPath = creation.rootPath
    cgroup = creation.cgroup.isAbsent ? nil : creation.cgroup.cgroup
    self.filter = filter
    options = creation.options
    state = creation.state(pid: nil)
    self.startPipe = startPipe
    self.joined = joined
    self.prepared = prepared
    self.entrance = entrance
    self.isBornInCgroup = isBornInCgroup
    isInCgroup = isMovedByMaker
    hides = !(creation.isOrdinaryUser && creation.bundle.makes(.user))
  }

  /// Does everything and becomes the command. Does not come back; the compiler is not told, or it would
  /// complain of what its caller releases afterwards.
  mutating func run(_ maker: borrowing FileDescriptor) {
    do throws(RuntimeError) {
      try run(telling: maker)
    } catch {
      ChildStart.giveUp(error, maker)
    }
  }

  /// Joins what is to be joined and makes the container's first process as the maker's child, in new
  /// namespaces that belong to the users joined: that one comes back from here, this one does not.
  mutating func standBetween(_ maker: borrowing FileDescriptor) {
    do throws(RuntimeError) {
      try prepare(maker)
      try step("join the cgroup") { () throws(SyscallError) in try entrance.enter() }
      isInCgroup = true
      try joined.join()
      if joined.joinsUser { try Self.becomeRoot() }
      _ = try joined.enterPidNamespace()
      let made = bundle.madeNamespaces
      let side = try step("make the container's first process") { () throws(SyscallError) in
        try Processes.fork(made, asSibling: true)
      }
      try ChildStart.stepAside(side, maker)
    } catch {
      ChildStart.giveUp(error, maker)
    }
  }

  private mutating func prepare(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    if isPrepared { return }
    isPrepared = true
    let kept =
      [maker.rawValue, startPipe.rawValue] + joined.allNumbers + prepared.numbers + entrance.numbers
      + options.streams
    try ChildStart.prepare(keeping: kept, preserved: options.preserved, hides: hides)
  }

  private static func becomeRoot() throws(RuntimeError) {
    try step("become root of the user namespace") { () throws(SyscallError) in
      try Identity.setGroup(0)
      try Identity.setUser(0)
      // A change of the user lets nobody look in, but also not the process itself.
      try ProcessAttributes.setDumpable(false)
    }
  }

  private mutating func run(telling maker: borrowing FileDescriptor) throws(RuntimeError) -> Never {
    let process = bundle.process ?? Bundle.Process(args: [])
    let stoodBetween = isPrepared
    try prepare(maker)
    if !stoodBetween { try joined.join() }
    try ChildStart.beginSession(keyring: options.makesKeyring ? state.id : nil)
    if bundle.makes(.user) {
      try proceed(maker)
      try Self.becomeRoot()
    }
    let labels = try SecurityLabels(process)
    let warn = try Self.warning(to: maker)
    for warning in labels.warnings { warn(warning) }
    if bundle.makes(.time) { try TimeNamespace.make(bundle.linux?.timeOffsets ?? [:]) }
    let placement = try ProcessPlacement(process, bundle.linux)
    let terminal =
      try bundle.makes(.mount) ? prepareRoot(process, maker) : enterForeignRoot(process, maker, warn)
    try ChildStart.connect(options.streams, terminal)
    let setup = ProcessSetup(
      process: process, placement: placement, filter: filter, preserved: options.preserved, warn: warn,
      endsWithMaker: options.endsWithMaker, givesAdvice: options.keepsLastWord)
    if bundle.process == nil { try standStill(maker) }
    if options.blocksSignals {
      _ = try step("block the signals") { () throws(SyscallError) in try SignalSet.all.replaceMask() }
    }
    let (path, environment) = try setup.apply(labels, maker)
    try step("report") { () throws(SyscallError) in try maker.say(.ready) }
    try waitForStart(maker)
    do throws(RuntimeError) {
      try Hooks(bundle: bundle, directory: nil).run(\.startContainer, "startContainer", state: state)
    } catch {
      // Whoever made the container is not listening any more.
      ChildStart.fail(error.message)
    }
    ChildStart.execute(path, process.args, environment, maker, listens: options.keepsLastWord)
  }

  /// Nothing to run: waits to be killed.
  private func standStill(_ maker: borrowing FileDescriptor) throws(RuntimeError) -> Never {
    try step("report") { () throws(SyscallError) in try maker.say(.ready) }
    try waitForStart(maker)
    Processes.exitNow(1)
  }

  private static func warning(to maker: borrowing FileDescriptor) throws(RuntimeError) -> (String) -> Void {
    let number = maker.rawValue
    return { text in
      // A maker that is gone is noticed by the next message.
      try? FileDescriptor.borrowing(number) { (maker) throws(SyscallError) in try maker.say(.warning(text)) }
    }
  }

  /// Waits until the maker has made the cgroup and written the user mapping, and joins the cgroup.
  private mutating func proceed(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    if hasProceeded { return }
    let heard = try step("wait for the runtime") { () throws(SyscallError) in try maker.hear() }
    guard heard?.message == .proceed else { throw RuntimeError(.failed, "the runtime went away") }
    hasProceeded = true
    try enterCgroup()
  }

  private mutating func enterCgroup() throws(RuntimeError) {
    if isInCgroup { return }
    isInCgroup = true
    guard let cgroup, case .separate = cgroup.layout.kind else { return }
    try step("join the cgroup \(cgroup.path)") { () throws(SyscallError) in
      if entrance.numbers.isEmpty {
        try cgroup.join(born: isBornInCgroup)
      } else {
        try entrance.enter()
      }
    }
  }

  /// The whole file system, and the terminal that lives in it.
  private mutating func prepareRoot(
    _ process: Bundle.Process, _ maker: borrowing FileDescriptor
  ) throws(RuntimeError) -> Terminal? {
    let linux = bundle.linux ?? Bundle.Linux()
    try raiseOwnNames()
    let root = try RootSetup.open(rootPath, propagation: linux.rootfsPropagation)
    var mounts = MountSetup(bundle, MountSources(bundlePath, options), cgroup: cgroup)
    try makeCgroupNamespace(maker)
    for (index, mount) in bundle.mounts.enumerated() {
      if mount.type == "cgroup" || mount.type == "cgroup2" { try proceed(maker) }
      try mounts.make(mount, prepared.takeSource(index), in: root)
    }
    try makeDevices(linux, in: root)
    try KernelParameters.write(linux.sysctl, in: root)
    try runOutsideHooks(maker)
    let terminal =
      process.terminal ? try Terminal.open(in: root, size: process.consoleSize, showAsConsole: true) : nil
    // Where it cannot be made, entering it says why.
    _ = try? root.directory(process.cwd)
    try mounts.finish(in: root)
    try HiddenPaths.protect(linux.readonlyPaths, in: root)
    try HiddenPaths.mask(linux.maskedPaths, in: root)
    try runInsideHooks(root)
    // The cgroups' files are the host's: they are out of sight afterwards.
    try proceed(maker)
    try RootSetup.enter(
      root, readOnly: bundle.root?.readonly ?? false, propagation: linux.rootfsPropagation,
      pivots: options.pivots)
    try handOver(terminal, to: maker)
    return terminal
  }

  /// The kernel shows the cgroup in which a process is when it makes the namespace as the root.
  private mutating func makeCgroupNamespace(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    guard bundle.makes(.cgroup) else { return }
    try proceed(maker)
    try step("make a cgroup namespace") { () throws(SyscallError) in try Namespaces.cgroup.unshare() }
  }

  private func handOver(
    _ terminal: borrowing Terminal?, to maker: borrowing FileDescriptor
  ) throws(RuntimeError) {
    let master = Self.masterNumber(terminal)
    if master < 0 { return }
    _ = try step("hand the terminal over") { () throws(SyscallError) in
      try maker.send(Handshake.encode(.terminal), descriptors: [master])
    }
  }

  /// The table of mounts is somebody else's: nothing is mounted, and the root is a directory that is there.
  private mutating func enterForeignRoot(
    _ process: Bundle.Process, _ maker: borrowing FileDescriptor, _ warn: (String) -> Void
  ) throws(RuntimeError) -> Terminal? {
    if !bundle.mounts.isEmpty {
      warn(
        "the mounts and devices of the bundle are left out: its mount namespace is not the container's own")
    }
    try raiseOwnNames()
    let root = try RootSetup.openForeign(rootPath)
    try makeCgroupNamespace(maker)
    try KernelParameters.write(bundle.linux?.sysctl ?? [:], in: root)
    try runOutsideHooks(maker)
    let terminal =
      process.terminal ? try Terminal.open(in: root, size: process.consoleSize, showAsConsole: false) : nil
    try runInsideHooks(root)
    try proceed(maker)
    try RootSetup.enterForeign(root.descriptor)
    try handOver(terminal, to: maker)
    return terminal
  }

  /// Unless the bundle brings a `/dev` of its own.
  private mutating func makeDevices(
    _ linux: Bundle.Linux, in root: borrowing RootDirectory
  ) throws(RuntimeError) {
    let isBrought = bundle.mounts.contains {
      $0.destination == "/dev" && ($0.type == "bind" || !Set($0.options).isDisjoint(with: ["bind", "rbind"]))
    }
    if isBrought { return }
    try root.checkDevices()
    try DeviceFiles.make(
      linux.devices, in: root, bound: bundle.namespaceKinds.contains(.user), &prepared)
  }

  /// Those that the maker runs once the namespaces and mounts stand.
  private mutating func runOutsideHooks(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    let hooks = Hooks(bundle: bundle, directory: nil)
    guard hooks.has(\.prestart) || hooks.has(\.createRuntime) else { return }
    try proceed(maker)
    try step("report") { () throws(SyscallError) in try maker.say(.prepared) }
    hasProceeded = false
    try proceed(maker)
  }

  /// From the root file system's directory.
  private func runInsideHooks(_ root: borrowing RootDirectory) throws(RuntimeError) {
    let hooks = Hooks(bundle: bundle, directory: nil)
    guard hooks.has(\.createContainer) else { return }
    try step("enter the root file system") { () throws(SyscallError) in
      try root.descriptor.makeCurrentDirectory()
    }
    try hooks.run(\.createContainer, "createContainer", state: state)
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
    if bundle.makes(.network) {
      try step("bring the loopback link up") { () throws(SyscallError) in try Namespaces.raiseLoopback() }
    }
  }

  /// First for the word that the container is written down: without it the maker was killed, and nobody would
  /// ever start it. Plain read(2), which every filter lets pass.
  private func waitForStart(_ maker: borrowing FileDescriptor) throws(RuntimeError) {
    let recorded = try step("wait for the runtime") { () throws(SyscallError) in try maker.read(upTo: 64) }
    if Handshake.decode(recorded) != .proceed { Processes.exitNow(1) }
    let told = try step("wait for the start") { () throws(SyscallError) in try startPipe.read(upTo: 1) }
    if told.isEmpty { Processes.exitNow(1) }
  }
}
