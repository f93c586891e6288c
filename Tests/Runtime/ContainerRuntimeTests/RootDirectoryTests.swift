import Linux
import Testing

@testable import ContainerRuntime

@Suite struct RootDirectoryTests {
  private func withRoot(_ body: (String, borrowing RootDirectory) throws -> Void) throws {
    let path = "/tmp/skiff-root-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectory(path)
    // A directory that stays behind in /tmp is no failure of the test.
    defer { try? Files.removeTree(path) }
    try body(path, RootDirectory(descriptor: try FileDescriptor.open(path, [.path, .directory])))
  }

  @Test func `missing directories and files are made`() throws {
    try withRoot { path, root in
      _ = try root.directory("/a/b/c")
      _ = try root.file("/x/y/file")
      #expect(Files.isDirectory("\(path)/a/b/c"))
      #expect(try Files.status("\(path)/x/y/file").kind == .regular)
    }
  }

  @Test func `links that lead outside stay inside`() throws {
    try withRoot { path, root in
      try Files.makeSymbolicLink("\(path)/abs", to: "/made")
      try Files.makeSymbolicLink("\(path)/up", to: "../../../../made-above")
      _ = try root.directory("/abs/here")
      _ = try root.directory("/up/there")
      #expect(Files.isDirectory("\(path)/made/here"))
      #expect(Files.isDirectory("\(path)/made-above/there"))
      #expect(!Files.exist("/made-above"))
    }
  }

  @Test func `a circle of links is an error`() throws {
    try withRoot { path, root in
      try Files.makeSymbolicLink("\(path)/a", to: "b")
      try Files.makeSymbolicLink("\(path)/b", to: "a")
      #expect(throws: SyscallError.self) { _ = try root.directory("/a/x") }
    }
  }
}
