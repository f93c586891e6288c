import Linux
import OCISpec

/// What the maker opens for the container's first process because that one may not: in a user namespace
/// neither every source of a bind mount nor a new device can be reached, and owners are mapped only from
/// outside.
struct PreparedMounts: ~Copyable {
  /// Detached mounts, by the index of the bundle's mount.
  private var sources: [Int: Int32] = [:]
  /// Device files, by path in the container.
  private var devices: [String: Int32] = [:]

  static func none() -> PreparedMounts { PreparedMounts() }

  deinit { for number in numbers { _ = FileDescriptor(owning: number) } }

  var numbers: [Int32] { Array(sources.values) + Array(devices.values) }

  /// Once: the mount that was prepared.
  mutating func takeSource(_ index: Int) -> DetachedMount? {
    sources.removeValue(forKey: index).map { DetachedMount(descriptor: FileDescriptor(owning: $0)) }
  }
  mutating func takeDevice(_ path: String) -> DetachedMount? {
    devices.removeValue(forKey: path).map { DetachedMount(descriptor: FileDescriptor(owning: $0)) }
  }

  static func open(_ bundle: Bundle, _ sources: MountSources) throws(RuntimeError) -> PreparedMounts {
    var prepared = PreparedMounts()
    let foreign = bundle.namespaceKinds.contains(.user)
    for (index, mount) in bundle.mounts.enumerated() {
      let options = try MountOptions(mount.options)
      guard options.isBind || mount.type == "bind" else { continue }
      let maps = options.mapsOwners || !mount.uidMappings.isEmpty || !mount.gidMappings.isEmpty
      guard maps || (foreign && Identity.effectiveUser == 0) else { continue }
      let tree = try source(mount, options, sources)
      if maps {
        try mapOwners(mount, options, of: tree, bundle)
      }
      prepared.sources[index] = tree.intoDescriptor().release()
    }
    if foreign, Identity.effectiveUser == 0, let linux = bundle.linux {
      try prepared.makeDevices(linux)
    }
    return prepared
  }

  private static func source(
    _ mount: Bundle.Mount, _ options: MountOptions, _ sources: MountSources
  ) throws(RuntimeError) -> DetachedMount {
    let path = mount.absoluteSource(sources.bundlePath)
    return try step("mount \(path) on \(mount.destination)") { () throws(SyscallError) in
      let tree = try sources.open(mount, recursive: options.isRecursive)
      // What is mounted on it later in the container is not mounted on the host.
      try tree.change(propagation: .slave, recursive: true)
      return tree
    }
  }

  private static func mapOwners(
    _ mount: Bundle.Mount, _ options: MountOptions, of tree: borrowing DetachedMount, _ bundle: Bundle
  ) throws(RuntimeError) {
    let own = UserMapping(uids: mount.uidMappings, gids: mount.gidMappings)
    let container = UserMapping(uids: bundle.linux?.uidMappings ?? [], gids: bundle.linux?.gidMappings ?? [])
    let namespace = try (own.uids.isEmpty && own.gids.isEmpty ? container : own).namespace()
    try step("map the owners of \(mount.destination)") { () throws(SyscallError) in
      try tree.mapOwners(by: namespace, recursive: options.mapsOwnersBelow)
    }
  }

  /// Makes them in a file system of their own that is mounted nowhere.
  private mutating func makeDevices(_ linux: Bundle.Linux) throws(RuntimeError) {
    let mask = Files.setCreationMask(0)
    defer { Files.setCreationMask(mask) }
    let home = try step("make a place for devices") { () throws(SyscallError) in
      try DetachedMount.new(
        "tmpfs", options: [("mode", "0755"), ("size", "64k")], attributes: [.noSetUserID, .noExecution])
    }
    for (index, device) in DeviceFiles.all(linux.devices).enumerated() where device.type != "p" {
      devices[device.path] = try step("make the device \(device.path)") { () throws(SyscallError) in
        let name = "\(index)"
        try home.descriptor.makeNode(name, mode: device.mode, device: device.number)
        try home.descriptor.changeOwner(
          name, uid: UserMapping.outside(device.uid ?? 0, linux.uidMappings) ?? 0,
          gid: UserMapping.outside(device.gid ?? 0, linux.gidMappings) ?? 0)
        let place = try home.descriptor.open(at: name, [.path, .noFollow])
        return try DetachedMount.copy(of: place).intoDescriptor().release()
      }
    }
  }
}

extension Bundle.Mount {
  /// A `..` takes the part before it back, whether that is there or not, and ends at the root.
  mutating func cleanDestination() {
    let parts = destination.split(separator: "/")
    guard destination.hasPrefix("/"), parts.contains("..") else { return }
    var kept: [Substring] = []
    for part in parts where part != "." {
      if part == ".." { _ = kept.popLast() } else { kept.append(part) }
    }
    destination = "/" + kept.joined(separator: "/")
  }

  /// A relative source starts at the bundle.
  func absoluteSource(_ bundlePath: String) -> String {
    let source = self.source ?? ""
    return source.hasPrefix("/") ? source : "\(bundlePath)/\(source)"
  }
}
