import Linux

/// Places of a container that its processes must not see, or not change.
enum HiddenPaths {
  /// Puts an empty read-only directory, or the null device, over each path that is there.
  static func mask(_ paths: [String], in root: borrowing RootDirectory) throws(RuntimeError) {
    if paths.isEmpty { return }
    let null = try step("open /dev/null") { () throws(SyscallError) in
      try FileDescriptor.open("/dev/null", .path)
    }
    let status = try step("look at /dev/null") { () throws(SyscallError) in try null.status() }
    guard status.kind == .characterDevice, status.deviceNumber == DeviceNumber(major: 1, minor: 3) else {
      throw RuntimeError(.failed, "mask paths: the host's /dev/null is not the null device")
    }
    let empty = try step("make an empty directory") { () throws(SyscallError) in
      try DetachedMount.new(
        "tmpfs", options: [("nr_blocks", "1"), ("nr_inodes", "1")],
        attributes: [.readOnly, .noSetUserID, .noDevices, .noExecution])
    }
    for path in paths {
      try step("mask \(path)") { () throws(SyscallError) in
        guard let place = try existing(path, in: root) else { return }
        let isDirectory = try place.status().kind == .directory
        let cover =
          isDirectory ? try DetachedMount.copy(of: empty.descriptor) : try DetachedMount.copy(of: null)
        try cover.attach(to: place)
      }
    }
  }

  /// Makes each path that is there, and everything mounted below, read-only.
  static func protect(_ paths: [String], in root: borrowing RootDirectory) throws(RuntimeError) {
    for path in paths {
      try step("make \(path) read-only") { () throws(SyscallError) in
        guard let place = try existing(path, in: root) else { return }
        let copy = try DetachedMount.copy(of: place, recursive: true)
        try copy.change(set: .readOnly, recursive: true)
        try copy.attach(to: place)
      }
    }
  }

  private static func existing(
    _ path: String, in root: borrowing RootDirectory
  ) throws(SyscallError) -> FileDescriptor? {
    do throws(SyscallError) {
      return try root.open(path)
    } catch  where error.errno == .noSuchFile || error.errno == .notADirectory {
      return nil
    }
  }
}
