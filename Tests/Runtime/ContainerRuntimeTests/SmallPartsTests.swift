import Linux
import Testing

@testable import ContainerRuntime

@Suite struct SmallPartsTests {
  @Test func `every message of the handshake survives the way`() {
    let messages: [Handshake.Message] = [
      .proceed, .prepared, .warning("careful"), .terminal, .ready, .born(4_194_304), .listener(7),
      .failed(RuntimeError(.commandNotFound, "exec: \"x\": executable file not found in $PATH")),
    ]
    for message in messages { #expect(Handshake.decode(Handshake.encode(message)) == message) }
    #expect(Handshake.decode([]) == nil)
    #expect(Handshake.decode([6, 99]) == nil)
    #expect(Handshake.decode([7, 1]) == nil)
  }

  @Test func `a home is found by number`() {
    let passwd = Array("root:x:0:0:root:/root:/bin/sh\nbroken\njoe:x:1000:1000::/home/joe:/bin/sh\n".utf8)
    #expect(HomeDirectory.find(1000, in: passwd) == "/home/joe")
    #expect(HomeDirectory.find(5, in: passwd) == nil)
  }

  @Test(arguments: [
    (Int64(0), "1970-01-01T00:00:00.000000000Z"), (951_782_400_000_000_001, "2000-02-29T00:00:00.000000001Z"),
    (1_767_225_599_123_456_789, "2025-12-31T23:59:59.123456789Z"),
  ])
  func `moments are written as RFC 3339`(nanoseconds: Int64, text: String) {
    #expect(Timestamp.rfc3339(nanoseconds) == text)
  }

  @Test func `a command is searched in PATH, and says why it is not found as clients expect`() throws {
    #expect(try ExecutableSearch.find("sh", environment: ["PATH=/nowhere:/bin"]) == "/bin/sh")
    #expect(try ExecutableSearch.find("/bin/sh", environment: []) == "/bin/sh")
    func message(_ command: String, _ environment: [String]) -> RuntimeError? {
      do throws(RuntimeError) { _ = try ExecutableSearch.find(command, environment: environment) } catch {
        return error
      }
      return nil
    }
    #expect(
      message("nope", ["PATH=/bin"])
        == RuntimeError(.commandNotFound, "exec: \"nope\": executable file not found in $PATH"))
    #expect(message("nope", [])?.kind == .commandNotFound)
    #expect(
      message("/nope", [])
        == RuntimeError(.commandNotFound, "exec: \"/nope\": stat /nope: no such file or directory"))
    #expect(message("/etc", []) == RuntimeError(.commandNotExecutable, "exec: \"/etc\": is a directory"))
    #expect(
      message("/etc/passwd", [])
        == RuntimeError(
          .commandNotExecutable,
          "exec: \"/etc/passwd\": permission denied: nobody may execute it: chmod +x it (COPY --chmod=755 in a Dockerfile)"
        ))
  }

  @Test(
    arguments: [
      ("/proc/12/root/dev/shm", "12 /dev/shm"), ("/proc/self/root/dev/shm", nil), ("/proc/12/rootfs/a", nil),
      ("/proc/12/root", nil), ("/proc/12/root/../../etc", nil), ("/srv/proc/12/root/a", nil),
      ("proc/1/root/a", nil),
    ] as [(String, String?)])
  func `another process's path is known by its form`(_ path: String, _ expected: String?) {
    #expect(MountSources.foreign(path).map { "\($0.pid) \($0.inside)" } == expected)
  }

  @Test func `capabilities are known by name`() {
    #expect(Capabilities(name: "CAP_CHOWN")?.rawValue == 1)
    #expect(Capabilities(name: "sys_admin")?.rawValue == 1 << 21)
    #expect(Capabilities(name: "CAP_CHECKPOINT_RESTORE")?.rawValue == 1 << 40)
    #expect(Capabilities(name: "CAP_NOPE") == nil)
    #expect(Capabilities(rawValue: 0b101).memberNames == ["CAP_CHOWN", "CAP_DAC_READ_SEARCH"])
  }

  @Test(arguments: [
    ("KILL", Int32(9)), ("sigterm", 15), ("15", 15), ("RTMIN", 34), ("SIGRTMIN+3", 37), ("RTMAX-1", 63),
    ("WINCH", 28),
  ])
  func `signals are known by name`(name: String, number: Int32) {
    #expect(Signal(name)?.rawValue == number)
  }

  @Test(arguments: ["", "0", "65", "NOPE", "RTMIN+31", "-1"])
  func `what is no signal is nil`(name: String) {
    #expect(Signal(name) == nil)
  }
}
