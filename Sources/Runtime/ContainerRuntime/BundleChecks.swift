import JSON
import Linux
import OCISpec

extension Bundle {
  /// Reads the `config.json` of a bundle's directory.
  static func read(_ directory: String) throws(RuntimeError) -> (bundle: Bundle, bytes: [UInt8]) {
    let path = "\(directory)/config.json"
    let bytes = try step("read the bundle") { () throws(SyscallError) in
      let file = try FileDescriptor.open(path, [.nonBlocking])
      let status = try file.status()
      guard status.kind == .regular, status.size <= 64 << 20 else {
        throw SyscallError(call: "read", subject: path, errno: .invalidArgument)
      }
      return try file.readToEnd()
    }
    do throws(JSONError) { return (try JSON.read(Bundle.self, from: bytes), bytes) } catch {
      throw RuntimeError(.invalid, "\(path): \(error)")
    }
  }

  /// As the text of a `config.json`.
  var text: [UInt8] { JSON.encode(self) }

  /// Says no to what makes no sense, before anything is made.
  func check(unifiedCgroups: Bool = true) throws(RuntimeError) {
    try checkVersion()
    guard let root, !root.path.isEmpty else {
      throw RuntimeError(.invalid, "the bundle names no root file system")
    }
    // Without a process there is something to create, and nothing to start.
    if let process {
      try process.check()
      _ = try ProcessPlacement(process, linux)
    }
    let kinds = try checkNamespaces()
    try checkNames(kinds)
    try checkMounts()
    try checkHooks()
    try linux?.check(kinds)
    try linux?.resources?.check(unifiedCgroups: unifiedCgroups)
  }

  /// `1.x.y`: what a later minor version adds is ignored, another major version means something else.
  private func checkVersion() throws(RuntimeError) {
    let numbers = ociVersion.prefix { $0 != "-" && $0 != "+" }.split(
      separator: ".", omittingEmptySubsequences: false)
    guard numbers.count == 3, numbers.allSatisfy({ UInt32($0) != nil }) else {
      throw RuntimeError(.invalid, "ociVersion is no version: \"\(ociVersion)\"")
    }
    guard numbers[0] == "1" else {
      throw RuntimeError(.invalid, "ociVersion \(ociVersion) is not supported: this runtime reads 1.0 to 1.3")
    }
  }

  private func checkNamespaces() throws(RuntimeError) -> Set<Namespace.Kind> {
    let namespaces = linux?.namespaces ?? []
    if !makes(.mount) { try checkForeignMounts() }
    var seen: Set<Namespace.Kind> = []
    for namespace in namespaces {
      guard seen.insert(namespace.type).inserted else {
        throw RuntimeError(.invalid, "the namespace \(namespace.type.rawValue) is listed twice")
      }
      if let path = namespace.path, !path.isEmpty, !path.hasPrefix("/") {
        throw RuntimeError(
          .invalid, "the path of the namespace \(namespace.type.rawValue) is not absolute: \(path)")
      }
    }
    try checkUsers(seen)
    let offsets = linux?.timeOffsets ?? [:]
    if let unknown = offsets.keys.first(where: { $0 != "monotonic" && $0 != "boottime" }) {
      throw RuntimeError(.invalid, "timeOffsets: the clock \(unknown) is not known")
    }
    guard offsets.isEmpty || makes(.time) else {
      throw RuntimeError(.invalid, "timeOffsets need a time namespace of the container's own")
    }
    return seen
  }

  /// Nothing is mounted in a namespace that is not the container's own, so nothing can be hidden or protected there.
  private func checkForeignMounts() throws(RuntimeError) {
    let linux = self.linux ?? Linux()
    let asked: [(String, Bool)] = [
      ("maskedPaths", !linux.maskedPaths.isEmpty), ("readonlyPaths", !linux.readonlyPaths.isEmpty),
      ("a read-only root", root?.readonly ?? false),
      ("rootfsPropagation", linux.rootfsPropagation ?? "" != ""),
    ]
    if let first = asked.first(where: \.1) {
      throw RuntimeError(.invalid, "\(first.0) need a mount namespace of the container's own")
    }
  }

  private func checkUsers(_ kinds: Set<Namespace.Kind>) throws(RuntimeError) {
    let mappings = (linux?.uidMappings ?? []) + (linux?.gidMappings ?? [])
    if makes(.user) {
      guard !(linux?.uidMappings ?? []).isEmpty, !(linux?.gidMappings ?? []).isEmpty else {
        throw RuntimeError(.invalid, "a user namespace needs uidMappings and gidMappings")
      }
    } else if !mappings.isEmpty && !kinds.contains(.user) {
      throw RuntimeError(.invalid, "uidMappings and gidMappings need a user namespace")
    }
    for mapping in mappings where mapping.size == 0 {
      throw RuntimeError(.invalid, "a user mapping of size 0 maps nobody")
    }
  }

  private func checkNames(_ kinds: Set<Namespace.Kind>) throws(RuntimeError) {
    for (name, value) in [("hostname", hostname), ("domainname", domainname)] {
      guard let value, !value.isEmpty else { continue }
      guard kinds.contains(.uts) else {
        throw RuntimeError(.invalid, "a \(name) needs a uts namespace of its own")
      }
      guard value.utf8.count <= 64, !value.utf8.contains(0) else {
        throw RuntimeError(.invalid, "the \(name) is longer than 64 bytes")
      }
    }
    for (name, value) in linux?.sysctl ?? [:] {
      if let objection = KernelParameters.objection(to: name, namespaces: kinds) {
        throw RuntimeError(.invalid, objection)
      }
      if let domainname, KernelParameters.normalized(name) == "kernel.domainname", value != domainname {
        throw RuntimeError(.invalid, "the sysctl \(name) contradicts the bundle's domainname")
      }
    }
  }

  private func checkMounts() throws(RuntimeError) {
    for mount in mounts {
      guard mount.destination.hasPrefix("/") else {
        throw RuntimeError(.invalid, "the mount destination is not absolute: \(mount.destination)")
      }
      for text in [mount.destination, mount.source ?? ""] + mount.options where text.utf8.contains(0) {
        throw RuntimeError(.invalid, "the mount on \(mount.destination) holds a NUL byte")
      }
      let options = try MountOptions(mount.options)
      let maps = options.mapsOwners || !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty
      guard maps else { continue }
      guard options.isBind || mount.type == "bind" else {
        throw RuntimeError(.invalid, "only bind mounts can map owners: \(mount.destination)")
      }
      guard mount.uidMappings.isEmpty == mount.gidMappings.isEmpty else {
        throw RuntimeError(.invalid, "the mount on \(mount.destination) maps only users or only groups")
      }
      if mount.uidMappings.isEmpty && (linux?.uidMappings ?? []).isEmpty {
        throw RuntimeError(
          .invalid, "the mount on \(mount.destination) maps owners, and nothing says how: uidMappings")
      }
    }
  }

  private func checkHooks() throws(RuntimeError) {
    guard let hooks else { return }
    let all =
      hooks.prestart + hooks.createRuntime + hooks.createContainer + hooks.startContainer + hooks.poststart
      + hooks.poststop
    for hook in all {
      guard hook.path.hasPrefix("/") else {
        throw RuntimeError(.invalid, "the path of a hook is not absolute: \(hook.path)")
      }
      if let timeout = hook.timeout, timeout <= 0 {
        throw RuntimeError(.invalid, "the timeout of the hook \(hook.path) is not above zero: \(timeout)")
      }
    }
  }

  /// The kinds of namespaces that the container has to itself or joins.
  var namespaceKinds: Namespaces {
    (linux?.namespaces ?? []).reduce(into: Namespaces()) { $0.insert($1.type.flag) }
  }
}

extension Bundle.Namespace.Kind {
  var flag: Namespaces {
    switch self {
    case .pid: .pid
    case .network: .network
    case .mount: .mount
    case .ipc: .ipc
    case .uts: .uts
    case .user: .user
    case .cgroup: .cgroup
    case .time: .time
    }
  }
}
