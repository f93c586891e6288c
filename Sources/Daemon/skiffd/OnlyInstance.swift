import DaemonSettings
import Linux

/// The right to be the one daemon over a data root and an exec root, held by locks that end with the process.
final class OnlyInstance: Sendable {
  private let dataLock: FileDescriptor
  private let execLock: FileDescriptor
  private let pidLock: FileDescriptor
  private let pidFile: String

  init(_ settings: DaemonSettings) throws {
    try Files.makeDirectories(settings.dataRoot, mode: 0o711)
    try Files.makeDirectories(settings.execRoot, mode: 0o711)
    dataLock = try Self.lock(
      "\(settings.dataRoot)/skiffd.lock", refusal: "another skiffd uses the data root \(settings.dataRoot)")
    // Sockets, namespaces and the runtime's state lie there under names that another data root may have too.
    execLock = try Self.lock(
      "\(settings.execRoot)/skiffd.exec.lock",
      refusal: "another skiffd uses the exec root \(settings.execRoot)"
    )
    pidFile = settings.pidFile
    pidLock = try Self.lock(pidFile, refusal: "another skiffd has the pid file \(settings.pidFile)")
    try Self.sign(dataLock)
    try Self.sign(execLock)
    try Self.sign(pidLock)
  }

  private static func lock(_ path: String, refusal: String) throws -> FileDescriptor {
    let flags: OpenFlags = [.readWrite, .create]
    let file = try FileDescriptor.open(path, flags.rawValue, mode: 0o644)
    guard try file.lock(wait: false) else {
      let pid = String(decoding: try file.read(), as: UTF8.self).filter(\.isNumber)
      throw InstanceError(message: pid.isEmpty ? refusal : "\(refusal): process \(pid)")
    }
    return file
  }

  private static func sign(_ file: borrowing FileDescriptor) throws(SyscallError) {
    try file.truncate(to: 0)
    try file.write("\(Processes.ownID)\n".utf8)
  }

  /// Removes the pid file; the locks end with the process.
  func release() {
    // What stays behind is taken over at the next start.
    try? Files.unlink(pidFile)
  }
}

struct InstanceError: Error, CustomStringConvertible {
  let message: String
  var description: String { message }
}
