import Glibc

/// Whole files and directory entries by path, for the engine's own directories. Paths that a stranger
/// chooses go through `openat2` instead.
public enum Files {
  /// The bytes of the file at `path`.
  public static func read(_ path: String) throws(SyscallError) -> [UInt8] {
    try FileDescriptor.open(path, O_RDONLY).readToEnd()
  }

  /// The file's bytes as UTF-8 text.
  public static func text(_ path: String) throws(SyscallError) -> String {
    String(decoding: try read(path), as: UTF8.self)
  }

  /// Replaces the file's contents in place; not crash-safe.
  public static func write(_ path: String, _ bytes: some Sequence<UInt8>, mode: UInt32 = 0o644)
    throws(SyscallError)
  {
    try FileDescriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC, mode: mode).write(bytes)
  }

  /// Replaces the file as a whole: written aside, synchronised unless `durable` is false, renamed.
  public static func replace(
    _ path: String, _ bytes: some Sequence<UInt8>, mode: UInt32 = 0o644, durable: Bool = true
  ) throws(SyscallError) {
    let aside = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max)).new"
    do {
      let file = try FileDescriptor.open(aside, O_WRONLY | O_CREAT | O_EXCL, mode: mode)
      try file.write(bytes)
      if durable { try file.synchronize() }
      try rename(aside, to: path)
    } catch {
      _ = Glibc.unlink(aside)
      throw error
    }
  }

  /// Removes what `replace` had written aside in a directory when its program was killed.
  public static func sweepAside(_ directory: String) throws(SyscallError) {
    for name in try names(in: directory) where name.hasSuffix(".new") { try unlink("\(directory)/\(name)") }
  }

  /// `rename(2)`.
  public static func rename(_ old: String, to new: String) throws(SyscallError) {
    try syscall("rename", on: "\(old) to \(new)") { Glibc.rename(old, new) }
  }

  /// `unlink(2)`; a file that is not there is fine.
  public static func unlink(_ path: String) throws(SyscallError) {
    do { try syscall("unlink", on: path) { Glibc.unlink(path) } } catch  where error.errno == .noSuchFile {}
  }

  /// `mkdir(2)` for the path and every missing parent; a directory that is there is fine.
  public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SyscallError) {
    do {
      try syscall("mkdir", on: path) { Glibc.mkdir(path, mode) }
    } catch  where error.errno == .fileExists {
      return
    } catch  where error.errno == .noSuchFile {
      guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else { throw error }
      try makeDirectories(String(path[..<slash]), mode: mode)
      do { try syscall("mkdir", on: path) { Glibc.mkdir(path, mode) } } catch
        where error.errno == .fileExists
      {}
    }
  }

  /// Sets the times of what is at `path` to now (utimensat(2)).
  public static func touch(_ path: String) throws(SyscallError) {
    let now = Clock.realtime
    let time = FileTime(seconds: now / 1_000_000_000, nanoseconds: UInt32(now % 1_000_000_000))
    try FileDescriptor.open(path, .path).changeTimes(accessed: time, modified: time)
  }

  /// Whether something is at `path`, symbolic links followed.
  public static func exist(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// The names in a directory, sorted, without `.` and `..`.
  public static func names(in path: String) throws(SyscallError) -> [String] {
    guard let directory = opendir(path) else {
      throw SyscallError(call: "opendir", subject: path, errno: .last)
    }
    defer { closedir(directory) }
    var names: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name != "." && name != ".." { names.append(name) }
    }
    return names.sorted()
  }
}
