import Cgroups
import Linux
import OCISpec

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
  private(set) var namespaces: Namespaces
  /// The descriptor of the root, where the mount namespace has another.
  let root: Int32?
  private var hasBegun = false
  private let entersUsers: Bool

  init(
    process: Bundle.Process, score: Int?, linux: Bundle.Linux?, id: String, filter: SeccompFilter?,
    options: Container.ExecutionOptions, place: CgroupPlace, isBornInCgroup: Bool, namespaces: Namespaces,
    root: Int32?
  ) {
    self.process = process
    self.score = score
    self.linux = linux
    self.id = id
    self.filter = filter
    self.options = options
    self.place = place
    self.isBornInCgroup = isBornInCgroup
    self.namespaces = namespaces
    self.root = root
    entersUsers = namespaces.contains(.user)
  }

  /// Joins the container's users, and makes the process as the maker's child in the pid namespace that belongs to
  /// them: that one comes back from here, this one does not.
  mutating func standBetween(_ maker: borrowing FileDescriptor, beside target: borrowing FileDescriptor) {
    do throws(RuntimeError) {
      try begin(maker, target)
      hasBegun = true
      let side = try step("join the container's users") { () throws(SyscallError) in
        try Namespaces([.user, .pid]).join(target)
        return try Processes.fork([], asSibling: true)
      }
      namespaces.subtract(.user)
      try ChildStart.stepAside(side, maker)
    } catch {
      ChildStart.giveUp(error, maker)
    }
  }

  /// Away from the maker, and into the cgroup.
  private func begin(
    _ maker: borrowing FileDescriptor, _ target: borrowing FileDescriptor
  ) throws(RuntimeError) {
    try ChildStart.prepare(
      keeping: [maker.rawValue, target.rawValue] + (root.map { [$0] } ?? []) + options.streams,
      preserved: options.preserved)
    if let cpus = try ProcessPlacement.cpus(process.execCPUAffinity?.initial, "execCPUAffinity.initial") {
      try step("set the CPU affinity") { () throws(SyscallError) in try setAffinity(cpus: cpus) }
    }
    if Identity.effectiveUser == 0, let score {
      try step("set the OOM score to \(score)") { () throws(SyscallError) in
        try FileDescriptor.open("/proc/self/oom_score_adj", .writeOnly).write("\(score)".utf8)
      }
    }
    try place.join(born: isBornInCgroup)
  }

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
      ChildStart.giveUp(error, maker)
    }
  }

  private func prepare(
    _ maker: borrowing FileDescriptor, _ target: borrowing FileDescriptor
  ) throws(RuntimeError) -> (path: String, environment: [String]) {
    if !hasBegun { try begin(maker, target) }
    try ChildStart.beginSession(keyring: id)
    let labels = try SecurityLabels(process)
    var placed = linux
    // That of the container's own process only.
    placed?.memoryPolicy = nil
    let placement = try ProcessPlacement(process, placed)
    try joinNamespaces(target)
    if let root {
      try FileDescriptor.borrowing(root) { (root) throws(RuntimeError) in try RootSetup.enterForeign(root) }
    }
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
    if entersUsers {
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
