import ComposeModel
import Linux

/// The files of this machine.
struct DiskFiles: ComposeFiles {
  func read(_ path: String) throws(ComposeError) -> [UInt8] {
    do { return try Files.read(path) } catch { throw ComposeError(Self.words(error)) }
  }

  func kind(of path: String) -> FileKind? {
    // What cannot be looked at is not there for compose.
    guard let status = try? Files.status(path) else { return nil }
    return status.kind == .directory ? .directory : .file
  }

  func resolved(_ path: String) -> String {
    // A path that leads nowhere yet is used as it is.
    (try? Files.realPath(path)) ?? path
  }

  func standardInput() throws(ComposeError) -> [UInt8] {
    do { return try Files.read("/dev/stdin") } catch { throw ComposeError(Self.words(error)) }
  }

  /// As Go tells failed system calls: `open /nope: no such file or directory`.
  static func words(_ error: SyscallError) -> String {
    let reason = "\(error.errno)"
    let words = reason.prefix(1).lowercased() + reason.dropFirst()
    return error.subject.map { "\(error.call.text) \($0): \(words)" } ?? "\(error.call.text): \(words)"
  }
}
