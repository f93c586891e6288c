import Cgroups
import Linux
import OCISpec

/// The cgroup of a container in the making.
struct CgroupCreation {
  let cgroup: Cgroup
  private let resources: Bundle.Resources?
  /// Whether the bundle names a place for it, or limits.
  private let isAsked: Bool
  private var isMade = false
  /// Whether its directories were made here and are this one's to remove.
  private var isOwn = false
  /// A user who may not make cgroups, and asked for none, has a container without.
  private(set) var isAbsent = false
  private(set) var warnings: [String] = []
  /// The unit that it belongs to, where systemd makes it.
  private let scope: CgroupScope?
  var unit: String? { scope?.name.unit }

  init(_ bundle: Bundle, id: String, bySystemd: Bool) throws(RuntimeError) {
    let layout = try step("find the cgroups") { () throws(SyscallError) in try CgroupLayout.discover() }
    let path = bundle.linux?.cgroupsPath ?? ""
    scope = bySystemd ? try CgroupScope(bundle, id: id) : nil
    let place = if let scope { scope.path } else { try Self.path(path, id: id) }
    cgroup = Cgroup(place, in: layout)
    resources = bundle.linux?.resources
    isAsked = !path.isEmpty || (resources.map { !$0.limitsNothing } ?? false)
  }

  var isUnified: Bool { cgroup.isUnified }

  /// `/a/b` as it is; systemd's form `slice:prefix:name` as the path that systemd would make of it.
  static func path(_ asked: String, id: String) throws(RuntimeError) -> String {
    guard !asked.isEmpty else { return "/\(id)" }
    let parts = asked.split(separator: ":", omittingEmptySubsequences: false)
    let isScope = parts.count == 3 && !asked.contains("/")
    let path = isScope ? try ScopeName(asked, id: id).path : asked
    let names = path.split(separator: "/")
    guard !names.contains("..") else {
      throw RuntimeError(.invalid, "the cgroup path leaves the hierarchy: \(asked)")
    }
    guard !names.isEmpty else {
      throw RuntimeError(.invalid, "the cgroup path is the root of the hierarchy: \(asked)")
    }
    return path.hasPrefix("/") ? path : "/\(path)"
  }

  /// Systemd makes it around a process, not before there is one.
  var needsProcess: Bool { scope != nil }

  /// Makes and limits it, once. `process` is the container's first, which is put there where systemd makes it and the
  /// process cannot go by itself (`moves`).
  mutating func make(for process: Int32? = nil, moves: Bool = false) throws(RuntimeError) {
    if isMade { return }
    isMade = true
    if !isOwn { isOwn = try !lookAtOld() }
    if let scope, let process {
      try scope.start(process, limits: resources.map { CgroupLimits($0) }, unified: isUnified)
    }
    try makeDirectories()
    if moves, let process, needsProcess, !isUnified {
      try step("join the cgroup \(cgroup.path)") { () throws(SyscallError) in try cgroup.add(process) }
    }
  }

  private mutating func makeDirectories() throws(RuntimeError) {
    do throws(SyscallError) { try cgroup.create() } catch {
      guard mayDoWithout(error) else {
        throw RuntimeError(step: "make the cgroup \(cgroup.path)", error)
      }
      isAbsent = true
      return
    }
    if let resources {
      try step("limit the cgroup") { () throws(SyscallError) in try cgroup.apply(CgroupLimits(resources)) }
    }
  }

  private func mayDoWithout(_ error: SyscallError) -> Bool {
    let refusals: [Errno] = [.permissionDenied, .notPermitted, Errno(rawValue: 30)]
    return Identity.effectiveUser != 0 && !isAsked && refusals.contains(error.errno)
  }

  /// Whether it was there before, which is odd but not always wrong.
  private mutating func lookAtOld() throws(RuntimeError) -> Bool {
    guard cgroup.exists else { return false }
    let strangers = try step("look into the cgroup \(cgroup.path)") { () throws(SyscallError) in
      try cgroup.processes()
    }
    if !strangers.isEmpty {
      warnings.append(
        "container's cgroup is not empty: \(strangers.count) process(es) found in \(cgroup.path)")
    }
    // One that cannot be read is not frozen.
    if (try? cgroup.isFrozen()) ?? false {
      throw RuntimeError(.failed, "container's cgroup unexpectedly frozen: \(cgroup.path)")
    }
    return true
  }

  /// Its version 2 part, to be born into, made if need be.
  mutating func openUnified() throws(RuntimeError) -> FileDescriptor? {
    if isAbsent || needsProcess { return nil }
    if !isMade { isOwn = try !lookAtOld() }
    do throws(SyscallError) { return try cgroup.createUnified() } catch {
      guard mayDoWithout(error) else {
        throw RuntimeError(step: "make the cgroup \(cgroup.path)", error)
      }
      return nil
    }
  }

  func entrance() throws(RuntimeError) -> CgroupEntrance {
    if isAbsent || needsProcess { return .none() }
    return try step("open the cgroup \(cgroup.path)") { () throws(SyscallError) in try cgroup.entrance() }
  }

  /// Removes what was made.
  func undo() {
    // The error that led here is the one to tell.
    if isOwn { try? cgroup.remove() }
    // As above.
    if isMade { try? scope?.stop() }
  }
}

extension Bundle.Resources {
  /// Rules for devices apart, which a user's own cgroup would not need.
  var limitsNothing: Bool {
    memory == nil && cpu == nil && pids == nil && blockIO == nil && hugepageLimits.isEmpty && unified.isEmpty
      && network == nil && rdma.isEmpty
  }
}
