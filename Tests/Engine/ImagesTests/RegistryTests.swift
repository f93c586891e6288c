import Archive
import DockerAPI
import EngineErrors
import Glibc
import ImageNames
import Linux
import OCISpec
import Reactor
import Registry
import Testing

@testable import Images

/// Debian's docker-registry on a loopback port of its own, ended with the test.
private final class LocalRegistry {
  static let program = "/usr/bin/docker-registry"
  static let isHere = Files.exist(program)
  let host: String
  let directory = "/tmp/skiff-registry-\(UInt64.random(in: 0 ... .max))"
  private let pid: Int32

  /// With a password only `user` with `secret` is let in.
  init(password: Bool = false) async throws {
    let port = UInt16.random(in: 20000..<30000)
    host = "127.0.0.1:\(port)"
    try Files.makeDirectories(directory)
    let config = """
      version: 0.1
      log: { level: error }
      storage: { filesystem: { rootdirectory: \(directory)/data } }
      http: { addr: "\(host)" }
      """
    let auth = "\nauth: { htpasswd: { realm: test, path: \(directory)/passwords } }\n"
    try Files.write("\(directory)/config.yml", Array((config + (password ? auth : "\n")).utf8))
    try Files.write(
      "\(directory)/passwords",
      Array("user:$2b$04$abcdefghijklmnopqrstuu2r9OfJnfCsdneAXAGHnS4UpFFP8WIrW\n".utf8))
    let null = try FileDescriptor.open("/dev/null", .readWrite)
    pid = try Spawn(
      Self.program, [Self.program, "serve", "\(directory)/config.yml"],
      environment: ["OTEL_TRACES_EXPORTER=none"],
      descriptors: [null.rawValue, null.rawValue, null.rawValue]
    ).start()
    while await !Self.answers(port) { try await Task.sleep(nanoseconds: 20_000_000) }
  }

  private static func answers(_ port: UInt16) async -> Bool {
    // Nobody listens yet.
    (try? await Connect.tcp(host: "127.0.0.1", port: port)) != nil
  }

  deinit {
    kill(pid, SIGKILL)
    waitpid(pid, nil, 0)
    // What cannot be removed from /tmp does not fail a test that has already ended.
    try? Files.removeTree(directory)
  }
}

@Suite(.enabled(if: Workplace.isRoot && LocalRegistry.isHere), .timeLimit(.minutes(2))) struct RegistryTests {
  private func message(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func `what is pushed is pulled elsewhere as the same image`() async throws {
    let registry = try await LocalRegistry()
    let place = try Workplace()
    let images = try await place.open()
    let layers = try (0..<5).map {
      try archive([("file\($0)", [UInt8](repeating: UInt8($0), count: 300_000 + $0))])
    }
    let loaded = try await images.load(
      ArraySource(dockerArchive(layers, tags: ["\(registry.host)/team/app:v1"]))
    ) { _ in }
    let pushed = Lines()
    try await images.push(reference: "\(registry.host)/team/app:v1") { pushed.add($0) }
    #expect(pushed.all.first == "The push refers to repository [\(registry.host)/team/app]")
    #expect(pushed.all.filter { $0 == "Pushed" }.count == 5)
    let again = Lines()
    try await images.push(reference: "\(registry.host)/team/app:v1") { again.add($0) }
    #expect(again.all.filter { $0 == "Layer already exists" }.count == 5)

    let other = try Workplace()
    let others = try await other.open()
    let pulled = Lines()
    let image = try await others.pull(reference: "\(registry.host)/team/app:v1") { pulled.add($0) }
    #expect(image.id == loaded.first?.id)
    #expect(image.names == ["\(registry.host)/team/app:v1"])
    #expect(image.digests.count == 1)
    #expect(pulled.all.filter { $0 == "Pull complete" }.count == 5)
    #expect(pulled.all.last == "Status: Downloaded newer image for \(registry.host)/team/app:v1")
    let digest = try #require(image.digests.first)
    let lines = Lines()
    #expect(try await others.pull(reference: digest) { lines.add($0) }.id == image.id)
    #expect(lines.all.filter { $0 == "Already exists" }.count == 5)
    #expect(try await others.find(digest).id == image.id)
    #expect(
      await message { try await others.pull(reference: "\(registry.host)/team/app:none") { _ in } }
        == "manifest for \(registry.host)/team/app:none not found: manifest unknown: manifest unknown")
    #expect(
      await message {
        try await others.pull(reference: digest, platform: Platform(os: "linux", architecture: "amd64")) {
          _ in
        }
      } == "no error")
  }

  @Test func `a registry behind a password lets in who knows it`() async throws {
    let registry = try await LocalRegistry(password: true)
    let place = try Workplace()
    let images = try await place.open()
    let name = "\(registry.host)/app:latest"
    try await images.load(ArraySource(dockerArchive([try archive([("a", [1])])], tags: [name]))) { _ in }
    var auth = RegistryAuth()
    auth.username = "user"
    auth.password = "secret"
    auth.serveraddress = registry.host
    #expect(
      await message { try await images.pull(reference: name) { _ in } }
        == "Get \"http://\(registry.host)/v2/app/manifests/latest\": no basic auth credentials")
    try await images.push(reference: name, auth: auth) { _ in }
    let known = auth
    #expect(await message { try await images.pull(reference: name, auth: known) { _ in } } == "no error")
    #expect(try await images.registry.logIn(auth).status == "Login Succeeded")
    let described = try await images.registry.describe(.parse(name), auth: auth)
    #expect(described.platforms == [Platform.host])
    var wrong = auth
    wrong.password = "guess"
    let guess = wrong
    #expect(await message { _ = try await images.registry.logIn(guess) }.contains("unauthorized"))
    #expect(
      await message { try await images.pull(reference: name, auth: guess) { _ in } }.hasPrefix(
        "pull access denied for"))
  }

  @Test func `a registry that nobody reaches is an error at once`() async throws {
    let images = try await Workplace().open()
    let start = Clock.realtime
    #expect(
      await message { try await images.pull(reference: "127.0.0.1:1/x") { _ in } }
        == "Get \"http://127.0.0.1:1/v2/\": dial tcp 127.0.0.1:1: connect: connection refused")
    #expect(
      await message { try await images.pull(reference: "nowhere.invalid/x") { _ in } }.contains(
        "nowhere.invalid"))
    #expect(Clock.realtime - start < 10_000_000_000)
  }
}
