import DockerAPI
import JSON
import Testing

@Suite struct ExecTests {
  @Test func `requests written by hand say what Codable would`() throws {
    var create = ExecCreateRequest()
    create.cmd = ["sh", "-c", "echo \"<&>\" é"]
    create.user = "web"
    create.tty = true
    create.attachStdout = true
    #expect(try JSON.parse(JSON.encode(create, as: .docker)) == create.json)
    create.env = ["A=1", "B"]
    create.privileged = true
    create.consoleSize = [24, 80]
    create.workingDir = "/srv"
    create.attachStdin = true
    create.attachStderr = true
    create.detachKeys = "ctrl-x"
    #expect(try JSON.parse(JSON.encode(create, as: .docker)) == create.json)

    var start = ExecStartRequest()
    #expect(try JSON.parse(JSON.encode(start, as: .docker)) == start.json)
    start.detach = true
    start.tty = true
    start.consoleSize = [24, 80]
    #expect(try JSON.parse(JSON.encode(start, as: .docker)) == start.json)
  }
}
