import Linux

/// The root mount of a container: taken up, and entered.
enum RootSetup {
  /// Cuts the new mount namespace off from the host's, and puts the root file system on a mount of its own.
  static func open(_ path: String, propagation: String?) throws(RuntimeError) -> RootDirectory {
    let (kind, recursive) = try parse(propagation)
    try step("change the propagation of /") { () throws(SyscallError) in
      // What is unbindable cannot be copied: that comes when the root is entered.
      let first = kind == nil || kind == .unbindable ? Propagation.slave : kind ?? .slave
      try Mounts.mount(on: "/", flags(first).union(first != kind || recursive ? .recursive : []))
    }
    return try step("bind the root file system \(path)") { () throws(SyscallError) in
      if kind == .shared { try makeParentPrivate(path) }
      let tree = try DetachedMount.copy(of: path, recursive: true)
      try tree.attach(to: path)
      return RootDirectory(descriptor: try FileDescriptor.open(path, [.path, .directory]))
    }
  }

  /// Makes it the root of this mount namespace; the host's tree is gone afterwards. Without `pivots`, where
  /// the host's root is a ram disk that cannot be left, it is moved over the host's root instead.
  static func enter(
    _ root: borrowing RootDirectory, readOnly: Bool, propagation: String?, pivots: Bool
  ) throws(RuntimeError) {
    let (kind, recursive) = try parse(propagation)
    if readOnly {
      try step("make the root file system read-only") { () throws(SyscallError) in
        try root.descriptor.changeMount(set: .readOnly)
      }
    }
    guard pivots else { return try moveOver(root) }
    try step("pivot_root") { () throws(SyscallError) in
      let old = try FileDescriptor.open("/", [.path, .directory])
      try root.descriptor.makeCurrentDirectory()
      try Mounts.pivotHere()
      // From the old root on, so that what is unmounted is not unmounted on the host too.
      try old.makeCurrentDirectory()
      try Mounts.mount(on: ".", [.slave, .recursive])
      try Mounts.unmount(".", detach: true)
      try Files.changeDirectory("/")
      if let kind, kind != .slave || !recursive {
        try Mounts.mount(on: "/", flags(kind).union(recursive ? .recursive : []))
      }
    }
  }

  /// The host's other mounts go first, or chroot(2) and what it forgets would be all that hides them.
  private static func moveOver(_ root: borrowing RootDirectory) throws(RuntimeError) {
    try step("move the root file system over /") { () throws(SyscallError) in
      try root.descriptor.makeCurrentDirectory()
      for place in ["/proc", "/sys"] {
        try Mounts.mount(on: place, [.private])
        try Mounts.unmount(place, detach: true)
      }
      try Mounts.mount(".", on: "/", .move)
      try Mounts.changeRoot(".")
      try Files.changeDirectory("/")
    }
  }

  /// A root in a mount namespace that is not the container's own, as it is found there.
  static func openForeign(_ path: String) throws(RuntimeError) -> RootDirectory {
    try step("open the root file system in the mount namespace that is not the container's own") {
      () throws(SyscallError) in
      RootDirectory(descriptor: try FileDescriptor.open(path, [.path, .directory, .noFollow]))
    }
  }

  /// Makes it the root of the calling process alone.
  static func enterForeign(_ root: borrowing FileDescriptor) throws(RuntimeError) {
    try step("change the root") { () throws(SyscallError) in
      try root.makeCurrentDirectory()
      try Mounts.changeRoot(".")
      try Files.changeDirectory("/")
    }
  }

  private static func parse(_ word: String?) throws(RuntimeError) -> (Propagation?, recursive: Bool) {
    guard let word, !word.isEmpty else { return (nil, false) }
    let options = try MountOptions([word])
    guard let change = options.propagation.first else {
      throw RuntimeError(.invalid, "rootfsPropagation \(word) is not known")
    }
    return (change.propagation, change.recursive)
  }

  private static func flags(_ propagation: Propagation) -> MountFlags {
    MountFlags(rawValue: UInt(propagation.rawValue))
  }

  /// `pivot_root(2)` refuses a root whose parent mount is shared.
  private static func makeParentPrivate(_ path: String) throws(SyscallError) {
    var place = path
    while true {
      do throws(SyscallError) { return try Mounts.mount(on: place, .private) } catch
        where error.errno == .invalidArgument
      {
        // Not a mount point: its parent may be.
        if place == "/" { throw error }
        place = RootDirectory.split(place).parent
      }
    }
  }
}
