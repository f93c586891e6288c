import Cgroups
import Linux

/// What a container sees at `/sys/fs/cgroup`.
struct CgroupMounts {
  let cgroup: Cgroup
  let destination: String
  let flags: MountFlags

  /// With a cgroup namespace the hierarchies themselves are mounted, and show the container's part; without
  /// one the container's directories are bound.
  func make(in root: borrowing RootDirectory, ownNamespace: Bool) throws(SyscallError) {
    switch cgroup.layout.kind {
    case .unified: try makeUnified(in: root, ownNamespace: ownNamespace)
    case .separate(let hierarchies): try makeSeparate(hierarchies, in: root, ownNamespace: ownNamespace)
    }
  }

  private func makeUnified(in root: borrowing RootDirectory, ownNamespace: Bool) throws(SyscallError) {
    let place = try root.directory(destination)
    if ownNamespace {
      do throws(SyscallError) {
        return try Mounts.mount("cgroup", at: place, type: "cgroup2", flags)
      } catch  where error.errno != .notPermitted && error.errno != .busy { throw error } catch {
        // Inside a user namespace the kernel may refuse; the directory shows the same.
      }
    }
    try bind(cgroup.directories[0], to: place)
  }

  private func makeSeparate(
    _ hierarchies: [CgroupLayout.Hierarchy], in root: borrowing RootDirectory, ownNamespace: Bool
  ) throws(SyscallError) {
    let outer = try root.directory(destination)
    let kept = flags.intersection([.noSetUserID, .noDevices, .noExecution, .relativeAccessTime])
    try Mounts.mount("tmpfs", at: outer, type: "tmpfs", kept, data: "mode=755")
    let top = try root.open(destination, [.directory])
    for hierarchy in hierarchies {
      guard let directory = cgroup.directory(of: hierarchy.controllers[0]),
        cgroup.directories.contains(directory)
      else { continue }
      try top.makeDirectory(hierarchy.name)
      let place = try top.open(at: hierarchy.name, [.path, .directory])
      if ownNamespace {
        let data = hierarchy.controllers.joined(separator: ",")
        try Mounts.mount("cgroup", at: place, type: "cgroup", flags, data: data)
      } else {
        try bind(directory, to: place)
      }
      for controller in hierarchy.controllers where controller != hierarchy.name {
        try top.makeSymbolicLink(controller, to: hierarchy.name)
      }
    }
  }

  private func bind(_ directory: String, to place: borrowing FileDescriptor) throws(SyscallError) {
    let tree = try DetachedMount.copy(of: directory)
    var attributes: MountAttributes = []
    if flags.contains(.readOnly) { attributes.insert(.readOnly) }
    if flags.contains(.noSetUserID) { attributes.insert(.noSetUserID) }
    if flags.contains(.noDevices) { attributes.insert(.noDevices) }
    if flags.contains(.noExecution) { attributes.insert(.noExecution) }
    try tree.change(set: attributes)
    try tree.attach(to: place)
  }
}
