import Linux

/// By which it is seen that a file was replaced or changed.
struct FileStamp: Equatable {
  private let inode: UInt64
  private let size: Int64
  private let changed: FileTime

  /// Nil where there is no such file.
  init?(_ path: String) {
    // Not there is an answer too.
    guard let status = try? Files.status(path) else { return nil }
    inode = status.inode
    size = status.size
    changed = status.changed
  }
}
