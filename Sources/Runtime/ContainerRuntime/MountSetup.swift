import Cgroups
import Linux
import OCISpec

/// The mounts of a bundle, made one after the other below the container's root.
struct MountSetup {
  let bundle: Bundle
  let sources: MountSources
  let cgroup: Cgroup?
  let hasCgroupNamespace: Bool
  /// File systems of the container's own that become read-only once everything below them is made.
  private(set) var readOnlyLater: [String] = []

  init(_ bundle: Bundle, _ sources: MountSources, cgroup: Cgroup?) {
    self.bundle = bundle
    self.sources = sources
    self.cgroup = cgroup
    hasCgroupNamespace = bundle.linux?.namespaces.contains { $0.type == .cgroup } ?? false
  }

  /// Makes one mount; `prepared` is its source where the maker has opened it.
  mutating func make(
    _ mount: Bundle.Mount, _ prepared: consuming DetachedMount?, in root: borrowing RootDirectory
  ) throws(RuntimeError) {
    let options = try MountOptions(mount.options)
    let type = mount.type ?? "none"
    let name = "mount \(options.isBind ? mount.source ?? type : type) on \(mount.destination)"
    if options.isBind || type == "bind" {
      let tree = try source(of: mount, options, prepared, name)
      return try step(name) { () throws(SyscallError) in try bind(tree, mount, options, in: root) }
    }
    switch type {
    case "cgroup", "cgroup2":
      guard let cgroup else { return }
      let mounting = CgroupMounts(cgroup: cgroup, destination: mount.destination, flags: options.flags)
      try step(name) { () throws(SyscallError) in
        try mounting.make(in: root, ownNamespace: hasCgroupNamespace)
      }
      if options.flags.contains(.readOnly), case .separate = cgroup.layout.kind {
        readOnlyLater.append(mount.destination)
      }
    case "proc", "sysfs": try mountKernel(type, mount, options, name: name, in: root)
    default: try step(name) { () throws(SyscallError) in try mountNew(type, mount, options, in: root) }
    }
  }

  /// `proc` and `sysfs` hide what the image has only where the image has no link in their place: whoever
  /// trusts `/proc` must find the kernel there.
  private func mountKernel(
    _ type: String, _ mount: Bundle.Mount, _ options: MountOptions, name: String,
    in root: borrowing RootDirectory
  ) throws(RuntimeError) {
    let place = try step(name) { () throws(SyscallError) in
      do throws(SyscallError) { return try root.openWithoutLink(mount.destination) } catch
        where error.errno == .noSuchFile
      {
        return try root.directory(mount.destination)
      }
    }
    let kind = try step(name) { () throws(SyscallError) in try place.status().kind }
    guard kind == .directory else {
      throw RuntimeError(.failed, "\(name): \(type) must be mounted on ordinary directory")
    }
    try step(name) { () throws(SyscallError) in
      do throws(SyscallError) {
        let data = options.data.joined(separator: ",")
        try Mounts.mount(mount.source ?? type, at: place, type: type, options.flags, data: data)
      } catch {
        // Without a network namespace of its own a user namespace gets no sysfs of its own.
        guard error.errno == .notPermitted, type == "sysfs", bundle.namespaceKinds.contains(.user) else {
          throw error
        }
        let host = try DetachedMount.copy(of: "/sys", recursive: true)
        try host.change(set: options.set.union(.readOnly), recursive: true)
        try host.attach(to: place)
      }
      try propagate(options, mount.destination, in: root)
    }
  }

  private mutating func mountNew(
    _ type: String, _ mount: Bundle.Mount, _ options: MountOptions, in root: borrowing RootDirectory
  ) throws(SyscallError) {
    var options = options
    if type == "tmpfs", !options.data.contains(where: { $0.hasPrefix("mode=") }),
      let mode = try permissions(of: mount.destination, in: root)
    {
      options.data.append("mode=\(String(mode, radix: 8))")
    }
    let place = try root.directory(mount.destination)
    if type == "tmpfs" && options.flags.contains(.readOnly) {
      options.flags.remove(.readOnly)
      readOnlyLater.append(mount.destination)
    }
    let below = options.copiesUp ? try DetachedMount.copy(of: place) : nil
    let data = options.data.joined(separator: ",")
    try Mounts.mount(mount.source ?? type, at: place, type: type, options.flags, data: data)
    if let below {
      try TreeCopy.copy(from: below.descriptor, to: try root.open(mount.destination, [.directory]))
    }
    try propagate(options, mount.destination, in: root)
  }

  /// Of the directory that a tmpfs will hide; nil where none is there yet.
  private func permissions(of path: String, in root: borrowing RootDirectory) throws(SyscallError) -> UInt32?
  {
    do throws(SyscallError) {
      return try root.open(path, [.path, .directory]).status().permissions
    } catch {
      guard error.errno == .noSuchFile else { throw error }
      return nil
    }
  }

  private func source(
    of mount: Bundle.Mount, _ options: MountOptions, _ prepared: consuming DetachedMount?, _ name: String
  ) throws(RuntimeError) -> DetachedMount {
    switch consume prepared {
    case .some(let tree): return tree
    case .none:
      return try step(name) { () throws(SyscallError) in
        try sources.open(mount, recursive: options.isRecursive)
      }
    }
  }

  private func bind(
    _ tree: borrowing DetachedMount, _ mount: Bundle.Mount, _ options: MountOptions,
    in root: borrowing RootDirectory
  ) throws(SyscallError) {
    let isDirectory = try tree.descriptor.status().kind == .directory
    let place = isDirectory ? try root.directory(mount.destination) : try root.file(mount.destination)
    if !options.set.isEmpty || !options.clear.isEmpty {
      try tree.change(set: options.set, clear: options.clear)
    }
    if !options.setBelow.isEmpty || !options.clearBelow.isEmpty {
      try tree.change(set: options.setBelow, clear: options.clearBelow, recursive: true)
    }
    for change in options.propagation {
      try tree.change(propagation: change.propagation, recursive: change.recursive)
    }
    try tree.attach(to: place)
  }

  private func propagate(
    _ options: MountOptions, _ destination: String, in root: borrowing RootDirectory
  ) throws(SyscallError) {
    if options.propagation.isEmpty { return }
    let place = try root.open(destination)
    for change in options.propagation {
      try place.changeMount(propagation: change.propagation, recursive: change.recursive)
    }
  }

  /// Makes those read-only that had to be writable meanwhile.
  func finish(in root: borrowing RootDirectory) throws(RuntimeError) {
    for destination in readOnlyLater {
      try step("make \(destination) read-only") { () throws(SyscallError) in
        try root.open(destination).changeMount(set: .readOnly)
      }
    }
  }
}
