import Glibc

/// How much a directory holds whose contents strangers made: of any depth and with any names, never following a link,
/// never into what is mounted there. Two descriptors are open at a time.
public enum TreeSize {
  /// The largest sum that is told, so that no file's pretended size keeps sums from being added up.
  public static let most: Int64 = 1 << 53

  /// The sum of the regular files' sizes in bytes, each inode once, `most` at most. Of what vanishes or moves meanwhile
  /// some may be missing.
  public static func bytes(in path: String) throws(SyscallError) -> Int64 {
    var walk = Walk()
    let top = try FileDescriptor.open(path, .directory)
    var here = try top.reopen()
    try walk.enter(here)
    while !walk.isOver {
      if let name = walk.nextBelow() {
        guard let below = try here.openIfPresent(name) else { continue }
        here = below
        try walk.enter(here)
      } else {
        here = try walk.leave(here, top: top)
      }
    }
    return walk.sum
  }
}

private struct Place: Hashable {
  let device: DeviceNumber
  let inode: UInt64

  init(_ status: FileStatus) { (device, inode) = (status.device, status.inode) }
}

/// The directories from the top to where the walk is, and what it has counted.
private struct Walk {
  private struct Level {
    let place: Place
    /// What has not been looked at.
    var directories: [PathBytes] = []
  }

  private(set) var sum: Int64 = 0
  private var seen: Set<Place> = []
  private var levels: [Level] = []

  var isOver: Bool { levels.isEmpty }

  /// Counts the files of a directory, and takes note of the directories in it.
  mutating func enter(_ directory: borrowing FileDescriptor) throws(SyscallError) {
    var level = Level(place: Place(try directory.status()))
    for (name, type) in try directory.namesIfPresent() where [DT_DIR, DT_REG, DT_UNKNOWN].contains(Int(type))
    {
      if Int(type) == DT_DIR {
        level.directories.append(name)
      } else if let status = try directory.statusIfPresent(name) {
        switch status.kind {
        case .directory: level.directories.append(name)
        case .regular: count(status)
        default: break
        }
      }
    }
    levels.append(level)
  }

  private mutating func count(_ file: FileStatus) {
    if file.links > 1, !seen.insert(Place(file)).inserted { return }
    sum += min(max(file.size, 0), TreeSize.most - sum)
  }

  mutating func nextBelow() -> PathBytes? { levels[levels.count - 1].directories.popLast() }

  /// Goes up. Where the directory has been moved elsewhere, the rest of its former neighbours is passed over.
  mutating func leave(
    _ directory: borrowing FileDescriptor, top: borrowing FileDescriptor
  ) throws(SyscallError) -> FileDescriptor {
    levels.removeLast()
    guard levels.count > 1, let parent = levels.last else { return try top.reopen() }
    if let above = try directory.openIfPresent(PathBytes(".."), resolve: []),
      Place(try above.status()) == parent.place
    {
      return above
    }
    levels.removeSubrange(1...)
    return try top.reopen()
  }
}

extension FileDescriptor {
  fileprivate borrowing func reopen() throws(SyscallError) -> FileDescriptor {
    try open(at: PathBytes("."), .directory)
  }

  /// Nil where there is no such directory any more, or something is mounted there.
  fileprivate borrowing func openIfPresent(
    _ name: PathBytes, resolve: ResolveFlags = [.beneath, .noSymbolicLinks, .noCrossDevice]
  ) throws(SyscallError) -> FileDescriptor? {
    do throws(SyscallError) {
      return try open(inside: name, .directory, resolve: resolve)
    } catch {
      guard error.isAbsence else { throw error }
      return nil
    }
  }

  fileprivate borrowing func statusIfPresent(_ name: PathBytes) throws(SyscallError) -> FileStatus? {
    do throws(SyscallError) { return try status(of: name) } catch {
      guard error.isAbsence else { throw error }
      return nil
    }
  }

  /// Nothing of a directory that has been removed.
  fileprivate borrowing func namesIfPresent() throws(SyscallError) -> [(name: PathBytes, type: UInt8)] {
    do throws(SyscallError) { return try sortedNames() } catch {
      guard error.isAbsence else { throw error }
      return []
    }
  }
}

extension SyscallError {
  fileprivate var isAbsence: Bool {
    [.noSuchFile, .notADirectory, .tooManySymbolicLinks, .crossDevice].contains(errno)
  }
}
