import ComposeModel
import JSON
import Linux
import Testing

@testable import Compose

@Suite struct WatchTests {
  private func rules(_ triggers: String, build: String = "build: .") throws -> [WatchRule] {
    let loaded = try project(
      "services:\n  web:\n    image: x\n    \(build)\n    develop:\n      watch:\n" + triggers)
    return try WatchRule.all(of: try loaded.service("web"), in: "/app")
  }

  @Test func `a changed file goes where the rule says`() throws {
    let rules = try rules(
      "        - {action: sync, path: ./src, target: /code, ignore: [node_modules/]}\n"
        + "        - {action: sync+restart, path: conf/app.ini, target: /etc/app.ini}\n")
    let batch = WatchBatch(
      [
        "/app/src/a/b.py", "/app/src/node_modules/x/y.js", "/app/conf/app.ini", "/app/other",
        "/app/src/.main.py.swp", "/app/src/.git/index", "/app/source/x",
      ], rules)
    #expect(
      batch.copies == [
        "web": [
          .init(path: "/app/conf/app.ini", target: "/etc/app.ini"),
          .init(path: "/app/src/a/b.py", target: "/code/a/b.py"),
        ]
      ])
    #expect(batch.restarts == ["web"] && batch.rebuilds.isEmpty && batch.hooks.isEmpty)
  }

  @Test func `two rules that agree copy a file once`() throws {
    let rules = try rules(
      "        - {action: sync, path: ., target: /code}\n"
        + "        - {action: sync, path: ./src, target: /other}\n"
        + "        - {action: sync, path: ./src, target: /code/src}\n")
    #expect(
      WatchBatch(["/app/src/a", "/app/src/b"], rules).copies["web"] == [
        .init(path: "/app/src/a", target: "/code/src/a"), .init(path: "/app/src/a", target: "/other/a"),
        .init(path: "/app/src/b", target: "/code/src/b"), .init(path: "/app/src/b", target: "/other/b"),
      ])
  }

  @Test func `what is there when the watch begins is told, and what comes later`() async throws {
    let root = "/tmp/skiff-watch-\(UInt64.random(in: 0 ... .max))"
    // What is left of it is in /tmp.
    defer { try? Files.removeTree(root) }
    try Files.makeDirectories("\(root)/deep/er")
    try Files.write("\(root)/deep/er/one", [1])
    var (trees, found) = try await WatchedTrees.begin([root])
    #expect(found == ["\(root)/deep", "\(root)/deep/er", "\(root)/deep/er/one"])
    try Files.write("\(root)/deep/two", [2])
    try await trees.changed()
    found = try await trees.changes()
    #expect(found == ["\(root)/deep/two"])
  }

  @Test func `only what is included counts`() throws {
    let rules = try rules("        - {action: rebuild, path: ., include: ['*.json', lib/]}\n")
    #expect(WatchBatch(["/app/package.json"], rules).rebuilds == ["web"])
    #expect(WatchBatch(["/app/lib/deep/x"], rules).rebuilds == ["web"])
    #expect(WatchBatch(["/app/main.py"], rules).rebuilds == [])
    #expect(WatchBatch(["/app/main.py"], rules).copies == [:])
  }

  @Test func `a command runs once for a rule, after its files`() throws {
    let rules = try rules(
      "        - {action: restart, path: ./a}\n"
        + "        - {action: sync+exec, path: ./b, target: /b, exec: {command: make all}}\n")
    let batch = WatchBatch(["/app/a/1", "/app/b/1", "/app/b/2"], rules)
    #expect(batch.hooks == [1] && batch.restarts == ["web"] && batch.copies["web"]?.count == 2)
  }

  @Test func `what cannot be done is refused`() throws {
    let error = #expect(throws: ComposeFailure.self) {
      _ = try rules("        - {action: rebuild, path: .}\n", build: "tty: true")
    }
    #expect(
      error?.description == "can't watch service \"web\" with action rebuild without a build context")
  }

  @Test func `files that a bind mount shows are not copied`() throws {
    let loaded = try project(
      "services:\n  web:\n    image: x\n    volumes: ['./src:/code']\n    develop:\n      watch:\n"
        + "        - {action: sync, path: ./src/lib, target: /code/lib}\n")
    let service = try loaded.service("web")
    let rule = try #require(try WatchRule.all(of: service, in: "/app").first)
    #expect(rule.isMounted(in: service))
  }
}
