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
    var empty: FileDescriptor?
    for path in paths {
      try step("mask \(path)") { () throws(SyscallError) in
        guard let place = try existing(path, in: root) else { return }
        guard try place.status().kind == .directory else {
          return try DetachedMount.copy(of: null).attach(to: place)
        }
        empty = try cover(place, again: empty.take())
      }
    }
  }

  /// Puts an empty directory over a place: `again` the one before, which is the answer. The first is attached
  /// itself and copied from there: a mount that is never attached is taken apart when it is closed, for
  /// which the kernel waits until every processor has seen it.
  private static func cover(
    _ place: borrowing FileDescriptor, again: consuming FileDescriptor?
  ) throws(SyscallError) -> FileDescriptor {
    if let again {
      try DetachedMount.copy(of: again).attach(to: place)
      return again
    }
    let empty = try DetachedMount.new(
      "tmpfs", options: [("nr_blocks", "1"), ("nr_inodes", "1")],
      attributes: [.readOnly, .noSetUserID, .noDevices, .noExecution])
    try empty.attach(to: place)
    return empty.intoDescriptor()
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
