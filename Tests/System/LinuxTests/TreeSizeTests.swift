import Testing

@testable import Linux

@Suite struct TreeSizeTests {
  private func withDirectory(below parent: String = "/tmp", _ body: (String) throws -> Void) throws {
    let path = "\(parent)/skiff-size-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
    // A directory that stays behind is no failure of the test.
    defer { try? Files.removeTree(path) }
    try body(path)
  }

  @Test func `files count by their sizes, linked ones once, and what a link leads to not at all`() throws {
    try withDirectory { path in
      try Files.makeDirectories("\(path)/a/b")
      try Files.makeDirectories("\(path)/c")
      try Files.write("\(path)/a/one", [UInt8](repeating: 1, count: 100))
      try Files.write("\(path)/a/b/two", [UInt8](repeating: 1, count: 20))
      try Files.write("\(path)/c/three", [UInt8](repeating: 1, count: 3))
      let a = try FileDescriptor.open("\(path)/a", .directory)
      try a.makeLink("twin", to: "one", in: a)
      try Files.makeSymbolicLink("\(path)/link", to: "a")
      try Files.makeSymbolicLink("\(path)/c/lost", to: "nowhere")
      #expect(try TreeSize.bytes(in: path) == 123)
      #expect(throws: SyscallError.self) { try TreeSize.bytes(in: "\(path)/nowhere") }
    }
  }

  @Test func `a tree may be deeper than descriptors or a path reach`() throws {
    try withDirectory { path in
      let depth = 2100
      let name = PathBytes("d")
      var here = try FileDescriptor.open(path, .directory)
      for _ in 0..<depth {
        try here.makeDirectory(name, mode: 0o755)
        here = try here.open(at: name, .directory)
      }
      try here.open(at: PathBytes("deep"), [.writeOnly, .create]).write([1, 2, 3])
      try Files.write("\(path)/d/z", [4])
      #expect(try TreeSize.bytes(in: path) == 4)
    }
  }

  @Test func `sizes that files pretend to have cannot overflow the sum`() throws {
    try withDirectory(below: "/dev/shm") { path in
      for name in ["one", "two", "three"] {
        try FileDescriptor.open("\(path)/\(name)", [.writeOnly, .create]).truncate(to: 1 << 62)
      }
      #expect(try TreeSize.bytes(in: path) == TreeSize.most)
    }
  }
}
