import EngineErrors
import JSON
import Linux
import ShimProtocol
import Testing

@testable import Supervision

/// The program to launch; as root, because a container is made.
private let program = Environment.value("SKIFF_SHIM")

/// A bundle over a busybox root.
private final class Box {
  let directory = "/tmp/skiff-supervision-\(UInt64.random(in: 0 ... .max))"
  let supervisor: Supervisor
  let spec: ShimSpec

  init(_ command: [String]) throws {
    supervisor = Supervisor(shimPath: program ?? "", execRoot: directory)
    for name in ["layers/1/bin", "layers/1/proc", "layers/1/dev", "bundle/upper", "bundle/work"] {
      try Files.makeDirectories("\(directory)/\(name)")
    }
    try Files.write("\(directory)/layers/1/bin/busybox", Files.read("/bin/busybox"), mode: 0o755)
    try Files.makeSymbolicLink("\(directory)/layers/1/bin/sh", to: "busybox")
    let config: JSONValue = [
      "ociVersion": "1.0.2", "root": ["path": "rootfs"],
      "process": [
        "args": .array(command.map(JSONValue.string)), "cwd": "/", "env": ["PATH=/bin"],
        "user": ["uid": 0, "gid": 0],
      ],
      "mounts": [["destination": "/proc", "type": "proc", "source": "proc"]],
      "linux": ["namespaces": [["type": "pid"], ["type": "mount"], ["type": "network"]]],
    ]
    try Files.write("\(directory)/bundle/config.json", JSON.encode(config))
    let root = RootFileSystem(
      layersDirectory: "\(directory)/layers", lower: ["1"], upper: "\(directory)/bundle/upper",
      work: "\(directory)/bundle/work")
    let id = String(directory.dropFirst(5))
    spec = ShimSpec(
      id: id, bundle: "\(directory)/bundle", rootFileSystem: root, stateRoot: "\(directory)/runtime",
      socket: supervisor.socketPath(id), exitFile: "\(directory)/bundle/exit.json",
      log: LogOptions(path: "\(directory)/bundle/log"))
  }

  // A directory that stays behind is no reason to fail a test.
  deinit { try? Files.removeTree(directory) }
}

private func output(_ session: Session) async throws -> String {
  var all: [UInt8] = []
  while let output = try await session.next() {
    switch output {
    case .stdout(let bytes), .stderr(let bytes): all += bytes
    }
  }
  return String(decoding: all, as: UTF8.self)
}

@Suite(.enabled(if: program != nil), .serialized, .timeLimit(.minutes(1))) struct RealShimTests {
  @Test func `a container runs from launch to exit`() async throws {
    let box = try Box(["sh", "-c", "echo hello; exit 5"])
    let shim = try await box.supervisor.launch(box.spec)
    let session = try await shim.attach(stdin: false, stdout: true, stderr: true)
    #expect(try await shim.start() > 0)
    #expect(try await output(session) == "hello\n")
    #expect(session.exitCode == 5)
    #expect(try await shim.exit().code == 5)
    guard case .ended(let status) = await box.supervisor.find(box.spec.id, exitFile: box.spec.exitFile) else {
      return #expect(Bool(false))
    }
    #expect(status.code == 5)
  }

  @Test func `another supervisor finds it, runs beside it, and ends it`() async throws {
    let box = try Box(["sh", "-c", "while true; do busybox sleep 1; done"])
    let pipe = try Pipe()
    let held = try pipe.writeEnd.duplicate().release()
    let first = try await box.supervisor.launch(box.spec, keeping: [held])
    _ = try await first.start()
    let other = Supervisor(shimPath: "", execRoot: box.directory)
    guard case .running(let shim) = await other.find(box.spec.id, exitFile: box.spec.exitFile) else {
      return #expect(Bool(false))
    }
    #expect(shim.pid == first.pid)
    #expect(try await shim.state().phase == .running)
    #expect(try Files.names(in: "/proc/\(shim.pid)/fd").contains("4"))
    let spec = ExecSpec(
      id: "e", arguments: ["sh", "-c", "echo /proc/1/fd/*; exit 3"], environment: ["PATH=/bin"],
      workingDirectory: "/",
      uid: 0, gid: 0)
    let session = try await shim.exec(spec)
    #expect(try await output(session) == "/proc/1/fd/0 /proc/1/fd/1 /proc/1/fd/2\n")
    #expect(session.exitCode == 3)
    try await shim.stop(signal: 15, timeout: 0)
    #expect(try await shim.exit().code == 137)
    #expect(try await first.exit().code == 137)
  }

  @Test func `a container that cannot be made says why, and leaves nothing`() async throws {
    let box = try Box(["nothing-here"])
    do {
      let shim = try await box.supervisor.launch(box.spec)
      _ = try await shim.start()
      #expect(Bool(false))
    } catch {
      #expect(error.kind == .invalidArgument && error.message.contains("nothing-here"))
    }
  }

  @Test func `a shim that is killed takes its container with it`() async throws {
    let box = try Box(["sh", "-c", "while true; do busybox sleep 1; done"])
    let shim = try await box.supervisor.launch(box.spec)
    let pid = try await shim.start()
    try Processes.signal(shim.pid, .kill)
    let status = try await shim.exit()
    #expect(status.code == 137 && status.failure != nil && !status.finishedAt.isEmpty)
    #expect(!Processes.exists(pid) || (try? ProcessStatus.of(pid).state) == "Z")
    let again = try await box.supervisor.launch(box.spec)
    try await again.discard()
  }
}
