import DockerAPI
import JSON
import Testing

@Suite struct ExecInspectTests {
  @Test func `an exec that has not ended tells a null for its exit code, and what it runs in lower case`()
    throws
  {
    var exec = ExecInspect()
    exec.processConfig.entrypoint = "sleep"
    exec.processConfig.arguments = ["1"]
    exec.processConfig.user = "33"
    let bytes = JSON.encode(exec, as: .docker)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(text.contains(#""ExitCode":null"#))
    let process =
      #""ProcessConfig":{"arguments":["1"],"entrypoint":"sleep","privileged":false,"tty":false,"user":"33"}"#
    #expect(text.contains(process))
    #expect(try JSON.decode(ExecInspect.self, from: bytes, as: .docker) == exec)
  }
}
