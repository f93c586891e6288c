import Linux
import OCISpec
import Testing

@testable import ContainerRuntime

@Suite struct SeccompTests {
  private let profile = Bundle.Seccomp(
    defaultAction: "SCMP_ACT_ERRNO", architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [
      Bundle.SyscallRule(names: ["read", "write", "no_such_call"], action: "SCMP_ACT_ALLOW"),
      Bundle.SyscallRule(
        names: ["personality"], action: "SCMP_ACT_ALLOW",
        args: [
          Bundle.SyscallArgument(index: 0, value: 0, op: "SCMP_CMP_EQ"),
          Bundle.SyscallArgument(index: 0, value: 8, op: "SCMP_CMP_EQ"),
        ]),
    ])

  @Test func `a profile compiles to whole instructions that end in answers`() throws {
    let program = try SeccompCompiler.compile(profile)
    #expect(!program.isEmpty && program.count % 8 == 0)
    // The first instruction loads the architecture.
    #expect(Array(program[..<8]) == [0x20, 0, 0, 0, 4, 0, 0, 0])
  }

  @Test func `a kept program is found by its profile and by no other`() throws {
    let cache = "/tmp/skiff-seccomp-\(Processes.ownID)"
    defer { removeForTest(cache) }
    let first = try SeccompFilter.prepare(profile, cache: cache)
    #expect(try Files.names(in: cache).count == 1)
    #expect(try SeccompFilter.prepare(profile, cache: cache).program == first.program)
    var other = profile
    other.defaultErrnoRet = 38
    #expect(try SeccompFilter.prepare(other, cache: cache).program != first.program)
    #expect(try Files.names(in: cache).count == 2)
  }

  @Test func `unknown words are refused by name`() {
    var bad = profile
    bad.defaultAction = "SCMP_ACT_DANCE"
    #expect(throws: RuntimeError(.invalid, "seccomp action SCMP_ACT_DANCE is not supported")) {
      try SeccompCompiler.compile(bad)
    }
    #expect(throws: RuntimeError.self) { try SeccompActions.flags(["SECCOMP_FILTER_FLAG_NEW_LISTENER"]) }
    #expect(SeccompActions.action("SCMP_ACT_ERRNO", errno: 38) == 0x0005_0026)
  }

  private func removeForTest(_ path: String) {
    // A directory that stays behind in /tmp is no failure of the test.
    try? Files.removeTree(path)
  }
}
