import Archive
import Linux
import Testing

@testable import BuildContext

@Suite struct BuildContextTests {
  /// A directory that is gone after the test.
  final class Directory {
    let path = "/tmp/skiff-context-\(UInt64.random(in: 0 ... .max))"
    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let full = "\(path)/\(name)"
        try Files.makeDirectories(String(full[..<(full.lastIndex(of: "/") ?? full.endIndex)]))
        try Files.write(full, Array(text.utf8))
      }
    }
    deinit { try? Files.removeTree(path) }
  }

  private func listing(_ context: BuildContext) throws -> [String] {
    let reader = TarReader(try context.source())
    var names: [String] = []
    while let entry = try reader.next() { names.append(entry.pathText) }
    return names
  }

  @Test func `everything is sent, owned by root, in order`() throws {
    let directory = try Directory(["Dockerfile": "FROM a", "b/c": "x", "a": "y"])
    #expect(try listing(BuildContext(directory: directory.path)) == ["Dockerfile", "a", "b", "b/c"])
  }

  @Test func `ignored files stay, but for the Dockerfile and the ignore file`() throws {
    let directory = try Directory([
      "Dockerfile": "FROM a", ".dockerignore": "*\n!src/keep\n", "src/keep": "", "src/drop": "",
      "other/x": "",
    ])
    #expect(
      try listing(BuildContext(directory: directory.path)) == [
        ".dockerignore", "Dockerfile", "src", "src/keep",
      ])
  }

  @Test func `the Dockerfile's own ignore file counts first`() throws {
    let directory = try Directory([
      "web.Dockerfile": "FROM a", "web.Dockerfile.dockerignore": "a", ".dockerignore": "b", "a": "", "b": "",
    ])
    let context = try BuildContext(
      directory: directory.path, dockerfile: .path("\(directory.path)/web.Dockerfile"))
    #expect(context.dockerfile == "web.Dockerfile")
    #expect(try listing(context) == [".dockerignore", "b", "web.Dockerfile", "web.Dockerfile.dockerignore"])
  }

  @Test func `a dockerfile in small letters serves where there is no other`() throws {
    let directory = try Directory(["dockerfile": "FROM a"])
    #expect(try BuildContext(directory: directory.path).dockerfile == "dockerfile")
  }

  @Test func `a Dockerfile from elsewhere goes along under a name of its own`() throws {
    let directory = try Directory(["a": ""])
    let context = try BuildContext(directory: directory.path, dockerfile: .text("FROM a"))
    #expect(try listing(context) == ["a", ".dockerignore", context.dockerfile])
  }

  @Test func `what is missing is named as docker does`() throws {
    let directory = try Directory(["a": "", "b/.dockerignore": "[", "b/Dockerfile": "FROM a"])
    #expect(throws: BuildContextError.noDockerfile("Dockerfile", reason: "no such file or directory")) {
      try BuildContext(directory: directory.path)
    }
    #expect(throws: BuildContextError.noSuchDirectory("/nope/nope")) {
      try BuildContext(directory: "/nope/nope")
    }
    #expect(
      throws: BuildContextError.ignoreFile(path: ".dockerignore", line: 1, reason: "syntax error in pattern")
    ) {
      try BuildContext(directory: "\(directory.path)/b")
    }
    #expect(
      BuildContextError.noDockerfile("Dockerfile", reason: "no such file or directory").description
        == "failed to read dockerfile: open Dockerfile: no such file or directory")
  }
}
