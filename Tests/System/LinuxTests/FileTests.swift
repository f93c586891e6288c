import Testing

@testable import Linux

@Suite struct FileTests {
  private func withDirectory(_ body: (String) throws -> Void) throws {
    let path = "/tmp/skiff-files-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
    // A directory that stays behind in /tmp is no failure of the test.
    defer { try? Files.removeTree(path) }
    try body(path)
  }

  @Test func `opening inside a directory never leaves it`() throws {
    try withDirectory { path in
      try Files.makeDirectory("\(path)/etc")
      try Files.write("\(path)/etc/name", "inside".utf8)
      try Files.makeSymbolicLink("\(path)/link", to: "/etc/name")
      try Files.makeSymbolicLink("\(path)/up", to: "../../../../../etc")
      let root = try FileDescriptor.open(path, [.path, .directory])
      for name in ["/link", "up/name"] {
        let text = try root.open(inside: name, .readOnly).readToEnd()
        #expect(text == Array("inside".utf8))
      }
      #expect(throws: SyscallError.self) { _ = try root.open(inside: "/etc/passwd", .readOnly) }
    }
  }

  @Test func `entries are told with their kind`() throws {
    try withDirectory { path in
      for number in 0..<300 { try Files.write("\(path)/file\(number)", [UInt8]()) }
      try Files.makeDirectory("\(path)/directory")
      try Files.makeSymbolicLink("\(path)/link", to: "nowhere")
      let entries = try FileDescriptor.open(path, [.directory]).entries()
      #expect(entries.count == 302)
      #expect(entries.filter(\.isDirectory).map(\.name) == ["directory"])
      #expect(entries.filter(\.isSymbolicLink).map(\.name) == ["link"])
    }
  }

  @Test func `what is made is what is seen`() throws {
    try withDirectory { path in
      let directory = try FileDescriptor.open(path, [.directory])
      try directory.makeDirectory("sub", mode: 0o700)
      try directory.makeSymbolicLink("link", to: "sub")
      #expect(try directory.readLink("link") == "sub")
      let status = try directory.status(of: "sub")
      #expect(status.kind == .directory && status.permissions == 0o700)
      try directory.changeTimes(
        "sub", accessed: FileTime(seconds: 1), modified: FileTime(seconds: 2, nanoseconds: 3))
      #expect(try directory.status(of: "sub").modified == FileTime(seconds: 2, nanoseconds: 3))
      var refusal: Errno?
      do throws(SyscallError) { try directory.rename("sub", to: "link", in: directory, replace: false) } catch
      {
        refusal = error.errno
      }
      #expect(refusal == .fileExists)
      try directory.remove("sub", directory: true)
      #expect(!Files.exist("\(path)/sub"))
    }
  }

  @Test func `a sealed file in memory cannot be changed`() throws {
    let file = try memoryFile("test")
    try file.write([1])
    try file.seal()
    #expect(throws: SyscallError(call: "write", errno: .notPermitted)) { try file.write([2]) }
  }

  @Test func `a pseudo-terminal passes bytes and knows its size`() throws {
    let terminal = try PseudoTerminal()
    let peer = try terminal.openPeer()
    let isTerminal = peer.isTerminal()
    #expect(isTerminal)
    try terminal.master.setWindowSize(WindowSize(rows: 30, columns: 100))
    let size = try peer.windowSize()
    #expect(size == WindowSize(rows: 30, columns: 100))
    _ = try peer.makeRawTerminal()
    try peer.write([65, 10])
    #expect(try terminal.master.read(upTo: 10) == [65, 10])
  }
}
