import Archive
import EngineErrors
import Linux
import Testing

@testable import Builder

@Suite struct ContextReceiverTests {
  private func receiving(_ changes: [ContextChange], _ check: (String, ContextDirectory) throws -> Void)
    throws
  {
    let top = "/tmp/skiff-receiver-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories("\(top)/context")
    defer { try? Files.removeTree(top) }
    let receiver = try ContextReceiver("\(top)/context")
    try receiver.apply(changes)
    try check(top, try receiver.finish())
  }

  private func file(_ id: UInt32, _ path: String, _ text: String) -> [ContextChange] {
    [
      .file(id: id, path: path, mode: 0o640, modified: 1_500_000_000_000_000_001),
      .contents(id: id, Array(text.utf8)), .end(id: id),
    ]
  }

  @Test func `files are written with their modes, times and digests`() throws {
    let changes: [ContextChange] =
      [.directory(path: "d", mode: 0o750, modified: 1_400_000_000_000_000_000)] + file(1, "d/f", "abc")
      + [.hardLink(path: "h", target: "d/f"), .symbolicLink(path: "l", target: "d/f", modified: 0)]
    try receiving(changes) { _, context throws in
      #expect(try Files.read("\(context.path)/h") == Array("abc".utf8))
      let status = try Files.linkStatus("\(context.path)/d/f")
      #expect(status.permissions == 0o640)
      let digest = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
      #expect(context.digests == ["d/f": digest, "h": digest])
      #expect(try Files.linkStatus("\(context.path)/d").permissions == 0o750)
    }
  }

  @Test func `contents of several files may be mixed`() throws {
    let changes: [ContextChange] = [
      .file(id: 1, path: "a", mode: 0o644, modified: 0), .file(id: 2, path: "b", mode: 0o644, modified: 0),
      .contents(id: 2, [1]), .contents(id: 1, [2]), .contents(id: 2, [3]), .end(id: 2), .end(id: 1),
    ]
    try receiving(changes) { _, context throws in
      #expect(try Files.read("\(context.path)/a") == [2])
      #expect(try Files.read("\(context.path)/b") == [1, 3])
    }
  }

  @Test(arguments: ["../x", "/../x", "a/../../x", "..", "", "/", "a\0b"])
  func `paths that lead out are refused`(_ path: String) {
    #expect(throws: (any Error).self) { try receiving(file(1, path, "x")) { _, _ in } }
    #expect(throws: (any Error).self) {
      try receiving([.directory(path: path, mode: 0o755, modified: 0)]) { _, _ in }
    }
    #expect(throws: (any Error).self) {
      try receiving(file(1, "a", "x") + [.hardLink(path: "b", target: path)]) { _, _ in }
    }
  }

  @Test func `links lead nowhere but into the context`() throws {
    let outside = "/tmp/skiff-outside-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(outside)
    defer { try? Files.removeTree(outside) }
    // What is written through the link either fails or stays inside.
    try? receiving(
      [.symbolicLink(path: "l", target: outside, modified: 0)] + file(1, "l/f", "x")
        + [.symbolicLink(path: "m", target: "../../../../../../tmp", modified: 0)] + file(2, "m/skiff-f", "x")
    ) { _, _ in }
    #expect(try Files.names(in: outside).isEmpty)
    #expect(throws: SyscallError.self) { try Files.linkStatus("/tmp/skiff-f") }
  }

  @Test func `a file that breaks off is an error`() {
    #expect(throws: EngineError.self) {
      try receiving([.file(id: 1, path: "a", mode: 0o644, modified: 0)]) { _, _ in }
    }
  }
}
