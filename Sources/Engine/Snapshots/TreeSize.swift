import Linux

/// How much a directory of files holds.
public enum TreeSize {
  private struct Inode: Hashable {
    let device: UInt64
    let number: UInt64
  }

  /// The sum of the regular files' sizes, each inode once.
  public static func bytes(in path: String) throws -> Int64 {
    var seen: Set<Inode> = []
    return try bytes(in: FileDescriptor.open(path, .directory), &seen)
  }

  private static func bytes(in directory: borrowing FileDescriptor, _ seen: inout Set<Inode>) throws -> Int64
  {
    var sum: Int64 = 0
    for (name, _) in try directory.sortedNames() {
      do {
        let status = try directory.status(of: name)
        switch status.kind {
        case .directory: sum += try bytes(in: directory.open(at: name, .directory), &seen)
        case .regular:
          if status.links > 1,
            !seen.insert(Inode(device: status.device.rawValue, number: status.inode)).inserted
          {
            continue
          }
          sum += status.size
        default: continue
        }
      } catch let error as SyscallError where error.errno == .noSuchFile {
        continue
      }
    }
    return sum
  }
}
