import OCISpec
import Testing

@testable import ContainerRuntime

@Suite struct BundleChecksTests {
  private func bundle() -> Bundle { .example() }

  @Test func `the example passes`() throws {
    try bundle().check()
  }

  @Test(arguments: [
    ("net.ipv4.ip_forward", true), ("net/ipv4/ip_forward", true), ("kernel.shmmax", true),
    ("fs.mqueue.msg_max", true),
    ("kernel.panic", false), ("vm.swappiness", false), ("kernel.hostname", false),
    ("kernel.domainname", true), ("net/ipv4/conf/eth0.1/forwarding", true),
    ("net.//.kernel.core_pattern", false), ("net/../kernel/core_pattern", false), ("net..ipv4", false),
  ])
  func `only parameters of a namespace of its own may be set`(name: String, allowed: Bool) {
    #expect((KernelParameters.objection(to: name, namespaces: [.network, .ipc, .uts]) == nil) == allowed)
    #expect(KernelParameters.objection(to: name, namespaces: []) != nil)
  }

  @Test func `a bundle without a command, a root or a mount namespace is refused`() {
    var one = bundle()
    one.process?.args = []
    #expect(throws: RuntimeError(.invalid, "the process has no arguments")) { try one.check() }
    var two = bundle()
    two.root = nil
    #expect(throws: RuntimeError.self) { try two.check() }
    var three = bundle()
    three.linux?.namespaces.removeAll { $0.type == .mount }
    #expect(throws: RuntimeError.self) { try three.check() }
    var four = bundle()
    four.linux?.namespaces.append(Bundle.Namespace(.pid))
    #expect(throws: RuntimeError(.invalid, "the namespace pid is listed twice")) { try four.check() }
  }

  @Test(arguments: [
    ("a", true), ("A_b+c-1.2", true), ("", false), (".", false), ("..", false), ("a/b", false),
    ("a b", false), ("ä", false),
  ])
  func `an ID is a plain name`(id: String, valid: Bool) {
    #expect(StateDirectory.isValid(id) == valid)
  }

  @Test func `cgroup paths stay in the hierarchy`() throws {
    #expect(try CgroupCreation.path("", id: "x") == "/x")
    #expect(try CgroupCreation.path("/docker/x", id: "x") == "/docker/x")
    #expect(try CgroupCreation.path("docker/x", id: "x") == "/docker/x")
    #expect(try CgroupCreation.path("system.slice:cri:x", id: "x") == "/system.slice/cri-x.scope")
    #expect(throws: RuntimeError.self) { try CgroupCreation.path("/docker/../..", id: "x") }
    #expect(throws: RuntimeError.self) { try CgroupCreation.path("/", id: "x") }
  }
}
