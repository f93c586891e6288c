import EngineErrors
import JSON
import Linux
import ShimProtocol

/// A shim just started, and our end of its first connection (raw, owned by whoever takes it).
struct Birth: Sendable {
  let pid: Int32
  let connection: Int32

  /// Blocking calls throughout. Closes `keeping`, whatever happens.
  init(_ spec: ShimSpec, shimPath: String, keeping: [Int32], openFiles: UInt64?) throws(SyscallError) {
    defer { for descriptor in keeping { _ = FileDescriptor(owning: descriptor) } }
    let file = "\(spec.bundle)/shim.json"
    var spec = spec
    spec.keptPorts = keeping.count
    try Files.unlink(spec.exitFile)
    try Files.makeDirectories(
      String(spec.socket[..<(spec.socket.lastIndex(of: "/") ?? spec.socket.endIndex)]), mode: 0o700)
    try Files.replace(file, JSON.encode(spec), mode: 0o600, durable: false)
    let null = try FileDescriptor.open("/dev/null", .readWrite)
    let log = try FileDescriptor.open(Self.logPath(spec), .appendOrCreate, mode: 0o600)
    let pair = try SocketPair()
    pid = try Spawn(
      shimPath, ["skiff-shim", "--spec", file, "--connection", "3"],
      environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      descriptors: [null.rawValue, log.rawValue, log.rawValue, pair.theirs.rawValue] + keeping,
      newSession: true
    ).start()
    if let openFiles {
      let hard = try Resource.openFiles.limit(of: pid).hard
      try Resource.openFiles.setLimit(soft: min(openFiles, hard), hard: hard, of: pid)
    }
    connection = pair.intoOurs().release()
  }

  static func logPath(_ spec: ShimSpec) -> String { logPath(inBundle: spec.bundle) }

  static func logPath(inBundle bundle: String) -> String { "\(bundle)/shim.log" }
}
