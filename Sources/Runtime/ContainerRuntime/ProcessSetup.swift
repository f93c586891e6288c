import Linux
import OCISpec

/// Turns the calling process, which stands in its namespaces and root already, into what the bundle says of
/// it.
struct ProcessSetup {
  let process: Bundle.Process
  let placement: ProcessPlacement
  /// The loaded form of the bundle's filter; nil: none.
  let filter: SeccompFilter?
  /// How many descriptors from 3 on the command keeps.
  let preserved: Int32
  let warn: (String) -> Void
  /// Killed when its maker ends.
  var endsWithMaker = false
  /// Tells the maker what is wrong with the command's file.
  var givesAdvice = false

  /// Limits, directory, identity, capabilities and filter, in the order in which each is still allowed.
  /// Returns what to execute.
  func apply(
    _ labels: borrowing SecurityLabels, _ maker: borrowing FileDescriptor
  ) throws(RuntimeError) -> (path: String, environment: [String]) {
    let wanted = try CapabilityChoice(process.capabilities)
    if !wanted.unknown.isEmpty {
      warn(
        "capabilities that this system does not have are left out: \(wanted.unknown.joined(separator: " "))")
    }
    try placement.apply()
    for limit in process.rlimits { try setLimit(limit) }
    if let priority = process.ioPriority { try setPriority(priority) }
    try step("clear the ambient capabilities") { () throws(SyscallError) in try Capabilities.setAmbient([]) }
    try step("limit the bounding set") { () throws(SyscallError) in
      try Capabilities.limitBounding(to: wanted.bounding)
    }
    try ownStandardStreams()
    try becomeUser()
    // A change of the user takes it back, and a filter may forbid it.
    if endsWithMaker {
      try step("end with the maker") { () throws(SyscallError) in
        try ProcessAttributes.setParentDeathSignal(.kill)
      }
    }
    var environment = process.env
    if !environment.contains(where: { $0.hasPrefix("HOME=") && $0 != "HOME=" }) {
      environment.removeAll { $0 == "HOME=" }
      environment.append("HOME=\(HomeDirectory.of(process.user.uid))")
    }
    try enterDirectory()
    let path = try ExecutableSearch.find(
      process.args[0], environment: environment, overrides: wanted.overridesPermissions)
    if givesAdvice, let advice = ExecutionRefusal.advice(path) {
      try step("report") { () throws(SyscallError) in try maker.say(.advice(advice)) }
    }
    // A strict filter would not let it pass later.
    try step("close what the command shall not have") { () throws(SyscallError) in
      try ChildStart.keep(preserved)
    }
    try labels.apply()
    // Without no_new_privileges a filter needs CAP_SYS_ADMIN, which the next step may drop; with it, the
    // filter comes last, so that it need not allow what the steps before it do.
    if process.noNewPrivileges {
      try wanted.apply()
      try step("set no_new_privs") { () throws(SyscallError) in try ProcessAttributes.setNoNewPrivileges() }
      try load(filter, maker)
    } else {
      try load(filter, maker)
      try wanted.apply()
    }
    return (path, environment)
  }

  /// Where an agent answers calls, the maker takes the listener to it before anything else is done.
  private func load(_ filter: SeccompFilter?, _ maker: borrowing FileDescriptor) throws(RuntimeError) {
    guard let filter, let listener = try filter.load() else { return }
    try step("hand the seccomp listener over") { () throws(SyscallError) in
      try maker.say(.listener(listener))
    }
    let heard = try step("wait for the runtime") { () throws(SyscallError) in try maker.hear() }
    _ = FileDescriptor(owning: listener)
    guard heard?.message == .proceed else { throw RuntimeError(.failed, "the runtime went away") }
  }

  private func setLimit(_ limit: Bundle.ResourceLimit) throws(RuntimeError) {
    guard let resource = Resource(name: limit.type) else {
      throw RuntimeError(.invalid, "unknown resource limit \(limit.type)")
    }
    let name = "set \(limit.type) to \(limit.soft):\(limit.hard)"
    do throws(SyscallError) {
      try resource.setLimit(soft: limit.soft, hard: limit.hard)
    } catch  where error.errno == .notPermitted {
      // Without CAP_SYS_RESOURCE nobody goes above the limit he lives under.
      let hard = try step(name) { () throws(SyscallError) in try resource.limit().hard }
      let soft = min(limit.soft, hard)
      try step(name) { () throws(SyscallError) in
        try resource.setLimit(soft: soft, hard: min(limit.hard, hard))
      }
      warn("\(name): not permitted here, the limit is \(soft):\(min(limit.hard, hard))")
    } catch {
      throw RuntimeError(step: name, error)
    }
  }

  static let priorityClasses: [String: Int32] = [
    "IOPRIO_CLASS_NONE": 0, "IOPRIO_CLASS_RT": 1, "IOPRIO_CLASS_BE": 2, "IOPRIO_CLASS_IDLE": 3,
  ]

  private func setPriority(_ priority: Bundle.IOPriority) throws(RuntimeError) {
    guard let number = Self.priorityClasses[priority.class] else {
      throw RuntimeError(.invalid, "unknown I/O priority class \(priority.class)")
    }
    try step("set the I/O priority") { () throws(SyscallError) in
      try ProcessAttributes.setIOPriority(class: number, level: priority.priority ?? 4)
    }
  }

  /// A process that is not root may open `/dev/stderr` again only if the pipe behind it is its own.
  private func ownStandardStreams() throws(RuntimeError) {
    for number in [0, 1, 2] as [Int32] where FileDescriptor.isOpen(number) {
      // A file whose owner cannot be changed keeps his.
      try? FileDescriptor.borrowing(number) { (stream) throws(SyscallError) in
        let status = try stream.status()
        let isNull =
          status.kind == .characterDevice && status.deviceNumber == DeviceNumber(major: 1, minor: 3)
        if status.uid != process.user.uid && !isNull {
          try stream.changeOwner(uid: process.user.uid, gid: status.gid)
        }
      }
    }
  }

  private func becomeUser() throws(RuntimeError) {
    let user = process.user
    Files.setCreationMask(user.umask ?? 0o022)
    try step("keep capabilities") { () throws(SyscallError) in try ProcessAttributes.setKeepCapabilities(true)
    }
    try step("set the supplementary groups") { () throws(SyscallError) in
      do throws(SyscallError) { try Identity.setSupplementaryGroups(user.additionalGids) } catch {
        // A user's own namespace may not drop groups (user_namespaces(7), setgroups).
        guard error.errno == .notPermitted, user.additionalGids.isEmpty else { throw error }
      }
    }
    try step("set the group to \(user.gid)") { () throws(SyscallError) in try Identity.setGroup(user.gid) }
    try step("set the user to \(user.uid)") { () throws(SyscallError) in try Identity.setUser(user.uid) }
    // The change of the user emptied the effective set; what follows needs it once more.
    try step("restore capabilities") { () throws(SyscallError) in
      let permitted = try Capabilities.current().permitted
      try Capabilities.set(effective: permitted, permitted: permitted, inheritable: [])
    }
    // The change of the user may have made this a process that its other processes may look into, where the
    // host has set fs.suid_dumpable so. Until now they lacked its capabilities.
    try step("hide the process") { () throws(SyscallError) in try ProcessAttributes.setDumpable(false) }
  }

  private func enterDirectory() throws(RuntimeError) {
    do throws(SyscallError) { try Files.changeDirectory(process.cwd) } catch {
      let missing = error.errno == .noSuchFile
      throw RuntimeError(
        missing ? .commandNotFound : .commandNotExecutable,
        "chdir to cwd (\"\(process.cwd)\") set in config.json failed: \(error.errno.lowercased)")
    }
    // A directory outside the root, reached through a descriptor left open, has no name here.
    let name = try step("getcwd") { () throws(SyscallError) in try Files.currentDirectory() }
    guard name.hasPrefix("/") else {
      throw RuntimeError(.failed, "the working directory \(process.cwd) is outside the container's root")
    }
  }
}

/// The capability sets of a process, as far as this program may give them.
struct CapabilityChoice {
  var bounding: Capabilities = []
  var effective: Capabilities = []
  var permitted: Capabilities = []
  var inheritable: Capabilities = []
  var ambient: Capabilities = []
  /// Names that this kernel or program does not know.
  private(set) var unknown: [String] = []

  /// Names that this kernel or program does not know, or does not have, are left out: a privileged
  /// container asks for all there are.
  init(_ sets: Bundle.CapabilitySets?) throws(RuntimeError) {
    guard let sets else { return }
    let own = try step("read capabilities") { () throws(SyscallError) in try Capabilities.current().permitted
    }
    let all = sets.bounding + sets.permitted + sets.effective + sets.inheritable + sets.ambient
    var asked: Capabilities = []
    for name in all {
      if let capability = Capabilities(name: name) {
        asked.formUnion(capability)
      } else if !unknown.contains(name) {
        unknown.append(name)
      }
    }
    unknown.sort()
    let available = own.intersection(asked).bounded()
    func union(_ names: [String]) -> Capabilities {
      names.reduce(into: Capabilities()) { $0.formUnion(Capabilities(name: $1) ?? []) }.intersection(
        available)
    }
    bounding = union(sets.bounding)
    permitted = union(sets.permitted)
    effective = union(sets.effective).intersection(permitted)
    inheritable = union(sets.inheritable)
    ambient = union(sets.ambient).intersection(permitted).intersection(inheritable)
  }

  /// Whether permissions to execute do not hold it back (CAP_DAC_OVERRIDE).
  var overridesPermissions: Bool { Capabilities(name: "CAP_DAC_OVERRIDE").map(effective.contains) ?? false }

  func apply() throws(RuntimeError) {
    try step("set capabilities") { () throws(SyscallError) in
      try Capabilities.set(effective: effective, permitted: permitted, inheritable: inheritable)
      if !ambient.isEmpty { try Capabilities.setAmbient(ambient) }
    }
  }
}
