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
    let (program, path, spec, isKilled) = (shimPath, exitFile, specFile, hasTraces)
    return await blocking { () -> ExitStatus? in
      let status = Self.read(path)
      guard status == nil || isKilled, Files.exist(spec) else { return status }
      Self.clear(program, spec)
      return Self.read(path) ?? .lost
    }
  }

  /// Whether a shim was killed, at the latest while it cleared up behind the container.
  var hasTraces: Bool { traces.contains { Files.exist($0) } }

  private var specFile: String {
    guard let slash = exitFile.lastIndex(of: "/") else { return "shim.json" }
    return "\(exitFile[..<slash])/shim.json"
  }

  /// What the exit file says; nil without one.
  static func read(_ path: String) -> ExitStatus? {
    // No file, or one that cannot be read, says that the shim did not come to write it.
    guard let bytes = try? Files.read(path) else { return nil }
    return try? JSON.decode(ExitStatus.self, from: bytes)
  }

  /// Has the shim's program end what is left of the container, and leave word in the exit file.
  private static func clear(_ program: String, _ spec: String) {
    let spawn = Spawn(
      program, ["skiff-shim", "--clear", spec], environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
      descriptors: [nil, nil, nil], newSession: true)
    // Without the program nothing can be done here; the exit is told as lost.
    _ = try? spawn.run()
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
