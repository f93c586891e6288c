import EngineErrors
import ShimProtocol
import Testing

@testable import Containers

@Suite struct FilesTests {
  private let host = ResolverFile(
    parsing:
      "# made by hand\nnameserver 127.0.0.53\nnameserver 10.0.0.2\nsearch example.org lab\noptions edns0\n")

  @Test func `a container on the default bridge gets the host's resolvers, but not those on its loopback`() {
    let own = ResolverFile(nameservers: [], search: [], options: [])
    #expect(
      own.inheriting(host, withoutLoopback: true).text
        == "nameserver 10.0.0.2\nsearch example.org lab\noptions edns0\n")
  }

  @Test func `a container on a network of the user asks the engine`() {
    let own = ResolverFile(nameservers: [], search: [], options: [])
    #expect(
      own.served(by: "127.0.0.11", inheriting: host).text
        == "nameserver 127.0.0.11\nsearch example.org lab\noptions edns0 ndots:0\n")
  }

  @Test func `what the user says goes before the host`() {
    let own = ResolverFile(nameservers: ["9.9.9.9"], search: ["."], options: ["ndots:2"])
    #expect(own.inheriting(host, withoutLoopback: true).text == "nameserver 9.9.9.9\noptions ndots:2\n")
  }

  @Test func `extra hosts come with the address of the host where they ask for it`() {
    var file = HostsFile(ofHost: "127.0.0.1 localhost\n")
    file.add("host.docker.internal:host-gateway", gateway: "172.17.0.1")
    file.add("six=[::1]", gateway: nil)
    file.add("nonsense", gateway: nil)
    file.add(address: "172.17.0.2", names: ["web.lab", "web"])
    #expect(
      file.text
        == "127.0.0.1 localhost\n172.17.0.1\thost.docker.internal\n::1\tsix\n172.17.0.2\tweb.lab web\n")
  }

  @Test(arguments: [
    (#"unable to start container process: exec: "nope": executable file not found in $PATH"#, Int32(127)),
    ("unable to start container process: exec: \"/x\": stat /x: no such file or directory", 127),
    ("unable to start container process: exec: \"/x\": permission denied", 126),
    ("unable to start container process: exec /x: exec format error", 126),
    ("driver failed programming external connectivity", 128),
  ])
  func `docker's client finds the exit code in the message`(message: String, code: Int32) {
    #expect(StartFailure.exitCode(message) == code)
  }

  @Test func `the runtime's words are dressed as docker's clients expect them`() {
    let why = ShimFailure(.commandNotFound, #"exec: "nope": executable file not found in $PATH"#)
    let error = StartFailure.dressed(EngineError(.invalidArgument, why.message, cause: why))
    #expect(
      error.message
        == #"failed to create task for container: failed to create shim task: OCI runtime create failed: unable to start container process: exec: "nope": executable file not found in $PATH: unknown"#
    )
    #expect(error.kind == .invalidArgument)
  }

  @Test func `commands are shown as docker shows them`() {
    #expect(CommandText.joined(["sh", "-c", "echo a b", "it's"]) == #"sh -c 'echo a b' 'it'\''s'"#)
  }
}
