import Linux
import Testing

@testable import ContainerRuntime

/// An ELF header with one program header that names a loader.
private func program(machine: UInt8, loader: String?, bits64: Bool = true, big: Bool = false) -> [UInt8] {
  var head = [UInt8](repeating: 0, count: 256)
  head.replaceSubrange(0..<4, with: [0x7f, 0x45, 0x4c, 0x46])
  head[4] = bits64 ? 2 : 1
  head[5] = big ? 2 : 1
  func put(_ value: UInt8, at place: Int, size: Int) { head[big ? place + size - 1 : place] = value }
  put(machine, at: 18, size: 2)
  guard let loader else { return head }
  put(64, at: bits64 ? 32 : 28, size: bits64 ? 8 : 4)
  put(56, at: bits64 ? 54 : 42, size: 2)
  put(1, at: bits64 ? 56 : 44, size: 2)
  put(3, at: 64, size: 4)
  put(160, at: 64 + (bits64 ? 8 : 4), size: bits64 ? 8 : 4)
  head.replaceSubrange(160..<160 + loader.utf8.count, with: loader.utf8)
  return head
}

private func reason(_ text: String) -> String? { reason(Array(text.utf8)) }
private func reason(_ head: [UInt8]) -> String? {
  ExecutionRefusal.reason("/app/start.sh", head) { $0 == "/bin/sh" }
}

@Suite struct ExecutionRefusalTests {
  @Test(
    arguments: [
      ("", "the file is empty"), ("#!/bin/sh\necho", nil),
      (
        "#! /bin/sh\r\necho",
        #"line 1 of /app/start.sh ends in a carriage return (CRLF), so the interpreter it names is "/bin/sh\r": save the file with LF line ends (sed -i 's/\r$//' FILE)"#
      ),
      (
        "#!/bin/bash -e\n",
        "line 1 of /app/start.sh names the interpreter /bin/bash, which the container does not have"
      ),
      ("#!\n", "line 1 of /app/start.sh names no interpreter behind #!"),
      (
        "echo hello\n",
        "its first line does not name an interpreter: begin it with #!/bin/sh, or run it by sh /app/start.sh"
      ),
      ("MZ\0\0", "the file is neither a Linux program nor a script"),
    ] as [(String, String?)])
  func `a script says why it is not run`(_ text: String, _ expected: String?) {
    #expect(reason(text) == expected)
  }

  @Test(
    arguments: [
      (
        "#!/usr/bin/env python3\r\nprint()",
        #"line 1 of /a ends in a carriage return (CRLF), so /usr/bin/env is given "python3\r": save the file with LF line ends (sed -i 's/\r$//' FILE)"#
      ),
      ("#!/usr/bin/env python3\nprint()\r\n", nil), ("#!/bin/sh\r\n", nil), ("#!\r\n", nil),
      ("echo a\r\n", nil), ("", nil),
    ] as [(String, String?)])
  func `a carriage return that the interpreter is given is known before`(_ text: String, _ expected: String?)
  {
    #expect(ExecutionRefusal.advice("/a", Array(text.utf8)) == expected)
  }

  @Test func `a program of another machine is named`() {
    let own = ProgramHeader.ownName
    let built = "the program is built for"
    let advice = "this machine is \(own): build or pull it for this platform"
    #expect(reason(program(machine: 22, loader: nil, big: true)) == "\(built) s390x, \(advice)")
    #expect(reason(program(machine: 243, loader: "/lib/ld.so")) == "\(built) riscv64, \(advice)")
    #expect(reason(program(machine: 99, loader: nil, bits64: false)) == "\(built) machine 99, \(advice)")
  }

  @Test func `a loader that is missing is named`() throws {
    let own = UInt8(try #require(ProgramHeader.runnable.max()))
    #expect(
      reason(program(machine: own, loader: "/lib/ld-musl-x86_64.so.1"))
        == "the program needs the loader /lib/ld-musl-x86_64.so.1 (built for musl, as on Alpine), which the container does not have"
    )
    #expect(reason(program(machine: own, loader: "/bin/sh")) == nil)
    #expect(reason(program(machine: own, loader: nil)) == nil)
  }

  @Test func `headers that are cut or lie are read as far as they go`() {
    let whole = program(machine: 62, loader: "/lib/ld.so")
    for length in 0..<whole.count { _ = ProgramHeader(Array(whole.prefix(length))) }
    for place in 0..<whole.count {
      var broken = whole
      broken[place] = 0xff
      _ = ProgramHeader(broken)
    }
    let wild = Array(whole.prefix(4)) + [2, 1] + [UInt8](repeating: 0xff, count: 250)
    #expect(ProgramHeader(wild)?.loader == nil)
  }

  @Test func `the kernel's words come first`() {
    #expect(
      ExecutionRefusal.text("/nowhere/at/all", .noSuchFile)
        == "exec /nowhere/at/all: no such file or directory")
  }
}
