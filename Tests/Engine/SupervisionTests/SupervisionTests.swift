import EngineErrors
import JSON
import Linux
import ShimProtocol
import Testing

@testable import Supervision

private let status = ExitStatus(code: 3, outOfMemory: false, startedAt: "a", finishedAt: "b", restartCount: 2)

extension Supervisor.Found {
  fileprivate var shim: Shim? { if case .running(let shim) = self { shim } else { nil } }
}

@Suite(.timeLimit(.minutes(1))) struct SupervisionTests {
  /// A shim found by the supervisor, and the connection on which it hears.
  private func found(_ scripted: ScriptedShim) async throws -> (Shim, ScriptedPeer) {
    async let finding = scripted.supervisor.find("c1", exitFile: scripted.exitFile)
    let (peer, request) = try await scripted.accept()
    #expect(request == .subscribe)
    try await peer.reply(.subscribed(pid: 77))
    return (try #require(await finding.shim), peer)
  }

  @Test func `a shim that ended while nobody looked is told by its exit file`() async throws {
    let scripted = try ScriptedShim("other")
    guard case .gone = await scripted.supervisor.find("c1", exitFile: scripted.exitFile) else {
      return #expect(Bool(false))
    }
    try Files.write(scripted.exitFile, JSON.encode(status))
    guard case .ended(let ended) = await scripted.supervisor.find("c1", exitFile: scripted.exitFile) else {
      return #expect(Bool(false))
    }
    #expect(ended == status)
  }

  @Test func `events reach every listener, and end with the last exit`() async throws {
    let scripted = try ScriptedShim()
    let (shim, peer) = try await found(scripted)
    #expect(shim.pid == 77)
    let (first, second) = (shim.events(), shim.events())
    let sent: [ShimEvent] = [
      .started(pid: 5, at: "x"), .exited(status, willRestart: true), .exited(status, willRestart: false),
    ]
    for event in sent { try await peer.tell(event) }
    var heard: [ShimEvent] = []
    for await event in first { heard.append(event) }
    #expect(heard == sent)
    heard = []
    for await event in second { heard.append(event) }
    #expect(heard == sent)
    #expect(try await shim.exit() == status)
    heard = []
    for await event in shim.events() { heard.append(event) }
    #expect(heard == sent.suffix(1))
  }

  @Test func `a shim that dies without a word leaves its exit file, or is lost`() async throws {
    let scripted = try ScriptedShim()
    let (lost, peer) = try await found(scripted)
    peer.connection.close()
    #expect(try await lost.exit().failure != nil)
    try Files.write(scripted.exitFile, JSON.encode(status))
    let (ended, again) = try await found(scripted)
    again.connection.close()
    #expect(try await ended.exit() == status)
  }

  @Test func `waiting for the exit can be cancelled`() async throws {
    let scripted = try ScriptedShim()
    let (shim, peer) = try await found(scripted)
    let waiting = Task { try await shim.exit() }
    waiting.cancel()
    await #expect(throws: CancellationError.self) { try await waiting.value }
    peer.connection.close()
  }

  @Test func `requests are answered, refusals say why`() async throws {
    let scripted = try ScriptedShim()
    let (shim, _) = try await found(scripted)
    async let pid = shim.start()
    let (starter, start) = try await scripted.accept()
    #expect(start == .start)
    try await starter.reply(.pid(42))
    #expect(try await pid == 42)
    let refusing = Task { () async -> EngineError? in
      do throws(EngineError) { _ = try await shim.start() } catch { return error }
      return nil
    }
    try await scripted.accept().peer.reply(.failed(ShimFailure(.commandNotFound, "exec: \"x\": not found")))
    let error = try #require(await refusing.value)
    #expect(error.kind == .invalidArgument && error.message == "exec: \"x\": not found")
  }

  @Test func `a session carries streams both ways, then the exit code`() async throws {
    let scripted = try ScriptedShim()
    let (shim, _) = try await found(scripted)
    let spec = ExecSpec(
      id: "e", arguments: ["x"], environment: [], workingDirectory: "/", uid: 0, gid: 0, stdin: true)
    async let opening = shim.exec(spec)
    let (peer, request) = try await scripted.accept()
    #expect(request == .exec(spec))
    try await peer.reply(.pid(9))
    let session = try await opening
    #expect(session.pid == 9)
    try await session.write([1, 2, 3])
    try await session.closeInput()
    let input = try await peer.connection.next()
    #expect(input?.type == .input && input?.payload == [1, 2, 3])
    #expect(try await peer.connection.next()?.type == .endOfInput)
    try await peer.connection.send(.output, [4])
    try await peer.connection.send(.errorOutput, [5])
    try await peer.connection.send(.exited, [0, 0, 1, 4])
    #expect(try await session.next() == .stdout([4]))
    #expect(try await session.next() == .stderr([5]))
    #expect(try await session.next() == nil)
    #expect(session.exitCode == 260)
  }

  private func spec(_ scripted: ScriptedShim) -> ShimSpec {
    ShimSpec(
      id: "c1", bundle: scripted.directory,
      rootFileSystem: RootFileSystem(layersDirectory: "/", lower: ["a"], upper: nil, work: nil),
      stateRoot: "/",
      socket: "\(scripted.directory)/s", exitFile: scripted.exitFile, log: LogOptions(path: nil))
  }

  @Test func `a program that is not there cannot be launched`() async throws {
    let scripted = try ScriptedShim()
    await #expect(throws: EngineError.self) { try await scripted.supervisor.launch(spec(scripted)) }
  }

  @Test func `a launch that nobody waits for clears up only behind a shim that has ended`() async throws {
    let scripted = try ScriptedShim()
    let program = "\(scripted.directory)/shim"
    try Files.write(
      program,
      """
      #!/bin/sh
      cd \(scripted.directory)
      if [ "$1" = --clear ]; then test -e ended && touch cleared; exit; fi
      exec 3>&-
      sleep 0.3
      touch ended
      """.utf8, mode: 0o755)
    let supervisor = Supervisor(shimPath: program, execRoot: scripted.directory)
    let launching = Task { try await supervisor.launch(spec(scripted)) }
    launching.cancel()
    await #expect(throws: EngineError.self) { try await launching.value }
    #expect(Files.exist("\(scripted.directory)/cleared"))
  }
}
