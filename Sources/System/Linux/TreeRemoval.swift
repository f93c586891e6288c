/// Removing a directory whose contents strangers made: of any depth and with any names, never following a
/// link, never into what is mounted there.
extension FileDescriptor {
  /// Removes the entry `name` of this directory, with everything below it; nothing there is fine. Throws `EBUSY` where
  /// something is mounted, and leaves that as it is.
  public borrowing func removeTree(_ name: PathBytes) throws(SyscallError) {
    do throws(SyscallError) {
      try remove(name)
    } catch  where error.errno == .noSuchFile {
      return
    } catch  where error.errno == .isADirectory || error.errno == .notPermitted {
      try emptyDirectory(name)
      try remove(name, directory: true)
    }
  }

  /// Directories are held open on the way down, 64 at most: what lies deeper is moved up to the top and
  /// removed from there.
  private borrowing func emptyDirectory(_ name: PathBytes) throws(SyscallError) {
    let top = try openToEmpty(name)
    var deep = MovedUp()
    try top.removeContents(top: top, depth: 0, &deep)
    while !deep.names.isEmpty {
      let names = deep.names
      deep.names = []
      for name in names {
        try top.openToEmpty(name).removeContents(top: top, depth: 1, &deep)
        try top.remove(name, directory: true)
      }
    }
  }

  private borrowing func openToEmpty(_ name: PathBytes) throws(SyscallError) -> FileDescriptor {
    do throws(SyscallError) {
      return try open(inside: name, .directory, resolve: [.beneath, .noSymbolicLinks, .noCrossDevice])
    } catch  where error.errno == .crossDevice {
      throw SyscallError(call: "remove the mount point", subject: name.text, errno: .busy)
    }
  }

  private borrowing func removeContents(
    top: borrowing FileDescriptor, depth: Int, _ deep: inout MovedUp
  ) throws(SyscallError) {
    for (name, type) in try sortedNames() {
      if type != 4, try removeFile(name) { continue }
      if depth >= 64 {
        try rename(name, to: deep.next(), in: top)
      } else {
        try openToEmpty(name).removeContents(top: top, depth: depth + 1, &deep)
        try remove(name, directory: true)
      }
    }
  }

  /// False when it is a directory after all.
  private borrowing func removeFile(_ name: PathBytes) throws(SyscallError) -> Bool {
    do throws(SyscallError) {
      try remove(name)
      return true
    } catch  where error.errno == .noSuchFile {
      return true
    } catch  where error.errno == .isADirectory || error.errno == .notPermitted {
      return false
    }
  }
}

/// Names for directories moved up that nobody else can have guessed.
private struct MovedUp {
  let salt = UInt64.random(in: 0 ... .max)
  var count = 0
  var names: [PathBytes] = []

  mutating func next() -> PathBytes {
    count += 1
    let name = PathBytes(".\(salt)-\(count)")
    names.append(name)
    return name
  }
}

extension Files {
  /// Removes what is at `path`, of any depth and with any names below it, never following a link; nothing there is fine.
  /// Throws `EBUSY` where something is mounted below it.
  public static func removeTree(_ path: String) throws(SyscallError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else {
      return try FileDescriptor.open(".", .directory).removeTree(PathBytes(path))
    }
    let parent = slash == path.utf8.startIndex ? "/" : String(path[..<slash])
    let name = PathBytes(String(path[path.utf8.index(after: slash)...]))
    do throws(SyscallError) {
      try FileDescriptor.open(parent, .directory).removeTree(name)
    } catch  where error.errno == .noSuchFile {}
  }
}
