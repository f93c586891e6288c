import JSON
import Linux
import Reactor
import ShimProtocol

/// What a shim that is no more has left: word of the exit, or a container without anybody to look after it.
struct Leftovers: Sendable {
  let shimPath: String
  /// Beside it lies the shim's own file, `shim.json`.
  let exitFile: String
  /// What a shim that ends by itself removes before it goes.
  let traces: [String]

  /// How the container ended. One whose shim was killed is ended first, so that nothing runs unaccounted for; nil where no
  /// shim was ever there.
  func exitStatus() async -> ExitStatus? {
    let (program, path, directory, isKilled) = (shimPath, exitFile, bundle, hasTraces)
    return await blocking { () -> ExitStatus? in
      let status = Self.read(path)
      guard status == nil || isKilled, Files.exist("\(directory)/shim.json") else { return status }
      // Without the program nothing can be done here; the exit is told as lost.
      do throws(SyscallError) { try Self.clear(program, directory) } catch { Log.warning("\(error)") }
      return Self.read(path) ?? .lost
    }
  }

  /// Whether a shim was killed, at the latest while it cleared up behind the container.
  var hasTraces: Bool { traces.contains { Files.exist($0) } }

  /// The exit file's directory.
  private var bundle: String { exitFile.lastIndex(of: "/").map { String(exitFile[..<$0]) } ?? "." }

  /// What the exit file says; nil without one.
  static func read(_ path: String) -> ExitStatus? {
    // No file, or one that cannot be read, says that the shim did not come to write it.
    guard let bytes = try? Files.read(path) else { return nil }
    return try? JSON.decode(ExitStatus.self, from: bytes)
  }

  /// Has the shim's program end what is left of the container, and leave word in the exit file. Its complaints stand
  /// behind the shim's own.
  private static func clear(_ program: String, _ bundle: String) throws(SyscallError) {
    let null = try FileDescriptor.open("/dev/null", .readWrite)
    let log = try FileDescriptor.open(Birth.logPath(inBundle: bundle), .appendOrCreate, mode: 0o600)
    let spawn = Spawn(
      program, ["skiff-shim", "--clear", "\(bundle)/shim.json"],
      environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      descriptors: [null.rawValue, log.rawValue, log.rawValue], newSession: true)
    _ = try spawn.run()
  }
}

extension ExitStatus {
  /// Nobody was there to see how it ended.
  static let lost: ExitStatus = {
    var status = ExitStatus(
      code: 255, outOfMemory: false, startedAt: "", finishedAt: "",
      failure: "the container's shim was killed before it could say how the container ended")
    status.shimWasKilled = true
    return status
  }()
}
