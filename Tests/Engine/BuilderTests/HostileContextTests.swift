import Archive
import Linux
import Testing

@testable import Builder

/// Contexts that want out of their directory.
@Suite struct HostileContextTests {
  private func unpack(_ entries: [(TarEntry, String)], _ check: (String, ContextDirectory) throws -> Void)
    throws
  {
    let path = "/tmp/skiff-hostile-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories("\(path)/context")
    defer { try? Files.removeTree(path) }
    var tar: [UInt8] = []
    try withUnsafeMutablePointer(to: &tar) { pointer in
      var writer = TarWriter { pointer.pointee.append(contentsOf: $0) }
      for (entry, contents) in entries { try writer.add(entry, Array(contents.utf8)) }
      try writer.finish()
    }
    try check(path, try ContextDirectory.unpack(ArraySource(tar), into: "\(path)/context"))
  }

  @Test func `absolute paths and links stay inside`() throws {
    let entries: [(TarEntry, String)] = [
      (TarEntry("/abs", .file, mode: 0o644), "1"),
      (TarEntry("up", .symbolicLink(target: Array("../..".utf8)), mode: 0o777), ""),
      (TarEntry("up/escaped", .file, mode: 0o644), "2"),
      (TarEntry("root", .symbolicLink(target: Array("/".utf8)), mode: 0o777), ""),
      (TarEntry("root/below", .file, mode: 0o644), "3"),
      (TarEntry("hard", .hardLink(target: Array("/abs".utf8)), mode: 0o644), ""),
      (TarEntry("dir", .directory, mode: 0o755), ""),
      (TarEntry("dir", .file, mode: 0o600), "now a file"),
      (TarEntry("null", .characterDevice(major: 1, minor: 3), mode: 0o666), ""),
    ]
    try unpack(entries) { (path: String, context: ContextDirectory) throws in
      #expect(try Files.names(in: path) == ["context"])
      #expect(try Files.text("\(context.path)/escaped") == "2")
      #expect(try Files.text("\(context.path)/below") == "3")
      #expect(try Files.text("\(context.path)/dir") == "now a file")
      #expect(context.digests["hard"] == context.digests["abs"] && context.digests["abs"] != nil)
      #expect(!Files.exist("\(context.path)/null"))
    }
  }

  @Test func `a path that goes up is refused`() {
    #expect(throws: (any Error).self) {
      try unpack([(TarEntry("a/../../x", .file, mode: 0o644), "")]) { _, _ in }
    }
  }
}
