import Linux

/// Files that a later entry of the same archive replaced, so that the archive can still be given back: named by the number
/// of their contents record in the frame, in a directory that is only there when there are any.
struct KeptFiles: Sendable {
  let path: String

  /// The file of that record, if it was replaced.
  func open(_ record: Int) throws(SyscallError) -> OpenDirectory? {
    guard Files.exist(path) else { return nil }
    do throws(SyscallError) {
      return OpenDirectory(try FileDescriptor.open("\(path)/\(record)", .readOnly))
    } catch  where error.errno == .noSuchFile {
      return nil
    }
  }

  /// Takes a file out of the layer.
  func take(_ name: PathBytes, from parent: borrowing FileDescriptor, record: Int) throws {
    try Files.makeDirectories(path, mode: 0o700)
    try parent.rename(name, to: PathBytes("\(record)"), in: FileDescriptor.open(path, .directory))
  }
}
