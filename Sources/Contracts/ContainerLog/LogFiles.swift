import Linux

/// The files of one log, as they are found by opening them.
enum LogFiles {
  /// No log has more: `--log-opt max-file` is bounded by it.
  static let most = 1000

  struct Opened: ~Copyable {
    let file: FileDescriptor
    let identity: FileIdentity
  }

  /// Opens `path`, `path.1`, … until none is there or `known` comes up (which is not opened again), and hands them out
  /// the oldest first. Newest first they are opened, so that a rotation meanwhile shows one file twice instead of hiding
  /// one.
  static func open(
    _ path: String, newerThan known: FileIdentity?, _ take: (consuming Opened) -> Void
  ) throws(SyscallError) {
    var stack: [Int32] = []
    var seen: Set<FileIdentity> = []
    defer { for raw in stack { _ = FileDescriptor(owning: raw) } }
    // In the middle of a rotation one number has no file.
    var missing = 0
    for number in 0..<most {
      guard let file = try openIfThere(number == 0 ? path : "\(path).\(number)") else {
        missing += 1
        if missing > 1 { break }
        continue
      }
      let identity = try file.sizeAndIdentity().identity
      if identity == known { break }
      if seen.insert(identity).inserted { stack.append(file.release()) }
    }
    while let raw = stack.popLast() {
      let file = FileDescriptor(owning: raw)
      let identity = try file.sizeAndIdentity().identity
      take(Opened(file: file, identity: identity))
    }
  }

  private static func openIfThere(_ path: String) throws(SyscallError) -> FileDescriptor? {
    do { return try FileDescriptor.open(path, OpenFlags.readOnly) } catch  where error.errno == .noSuchFile {
      return nil
    }
  }
}
