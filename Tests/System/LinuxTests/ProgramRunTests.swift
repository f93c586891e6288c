import Testing

@testable import Linux

@Suite struct ProgramRunTests {
  private func sh(_ script: String, input: [UInt8] = [], limit: Int = 1 << 20) throws(SyscallError)
    -> ProgramRun
  {
    try ProgramRun(
      "/bin/sh", ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"], input: input, limit: limit)
  }

  @Test func `a program's words, complaints and end are told`() throws {
    let ran = try sh("cat; echo no >&2; exit 3", input: Array("hello".utf8))
    #expect(ran.output == Array("hello".utf8) && ran.errors == Array("no\n".utf8))
    #expect(ran.status == .exited(3))
  }

  @Test func `complaints that fill their pipe hold nobody up`() throws {
    let ran = try sh("head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero")
    #expect(ran.errors.count == 300_000 && ran.output.count == 300_000 && ran.status == .exited(0))
  }

  @Test func `a program that reads nothing holds nobody up`() throws {
    #expect(try sh("exit 0", input: [UInt8](repeating: 0, count: 300_000)).status == .exited(0))
  }

  @Test func `a program that says more than is wanted is killed`() {
    let error = #expect(throws: SyscallError.self) { _ = try sh("exec cat /dev/zero", limit: 1000) }
    #expect(error?.errno == .messageTooLong)
  }

  @Test func `a program is found in the first directory that has it`() {
    #expect(ProgramRun.find("sh", in: "/nowhere:/bin:/usr/bin") == "/bin/sh")
    #expect(ProgramRun.find("sh", in: "/nowhere") == nil && ProgramRun.find("sh", in: "") == nil)
  }
}
