import DockerClient
import Linux
import Reactor

/// Starting skiffd in the background, away from the terminal, where none runs.
enum EngineStart {
  /// How long a start may take, in milliseconds.
  private static let patience = 15_000

  /// Returns when the engine answers; throws `absent` when there is no skiffd to start.
  static func start(_ client: DockerClient, _ absent: ConnectionError) async throws {
    guard let program = find() else { throw absent }
    let path = try logPath()
    let log = try FileDescriptor.open(path, .appendOrCreate, mode: 0o640)
    let nothing = try FileDescriptor.open("/dev/null", .readWrite)
    let spawn = Spawn(
      program, ["skiffd"], environment: Environment.all(),
      descriptors: [nothing.rawValue, log.rawValue, log.rawValue],
      newSession: true)
    let pid = try spawn.start()
    var waited = 0
    while waited < patience {
      try await sleep(milliseconds: 5)
      waited += 5
      do {
        try await client.ping()
        return
      } catch is ConnectionError {
        if let end = try Wait.reap(pid), !(await answers(client)) {
          throw CommandFailure(
            "skiffd ended with status \(end.status.exitCode) as soon as it was started; see \(path)")
        }
      }
    }
    throw CommandFailure("skiffd was started (\(program)) but does not answer; see \(path)")
  }

  /// Two may have started an engine at once: then one of the two ends, and the other answers a little later.
  private static func answers(_ client: DockerClient) async -> Bool {
    for _ in 0..<100 {
      do {
        try await client.ping()
        return true
      } catch {
        // Waiting is all there is to do; a cancelled wait ends at the next look.
        try? await sleep(milliseconds: 10)
      }
    }
    return false
  }

  /// skiffd beside this program, else on PATH.
  private static func find() -> String? {
    var places: [String] = []
    // Without /proc there is still PATH.
    if let own = try? Files.readLink("/proc/self/exe"), let slash = own.lastIndex(of: "/") {
      places.append(String(own[..<slash]))
    }
    places += (Environment.value("PATH") ?? "").split(separator: ":").map(String.init)
    return places.map { "\($0)/skiffd" }.first(where: Files.exist)
  }

  /// In /var/log, else where the engine keeps its data.
  private static func logPath() throws -> String {
    if Files.isDirectory("/var/log") { return "/var/log/skiffd.log" }
    try Files.makeDirectories("/var/lib/skiff", mode: 0o711)
    return "/var/lib/skiff/skiffd.log"
  }
}
