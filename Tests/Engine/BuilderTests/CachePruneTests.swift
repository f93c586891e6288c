import DockerAPI
import EngineErrors
import Testing

@testable import Builder

@Suite struct CachePruneTests {
  private func entry(
    _ id: String, on parent: String? = nil, size: Int64 = 10, used: String = "2020-01-01T00:00:00Z",
    shared: Bool = false
  ) -> CacheEntry {
    var entry = CacheEntry(id: id, parent: parent, kind: .layer, description: "layer \(id)", size: size)
    (entry.lastUsed, entry.isShared) = (used, shared)
    return entry
  }

  private func selection(
    _ entries: [CacheEntry], free: Int64 = 1000, _ change: (inout CachePrune) -> Void
  ) throws -> [String] {
    var wish = CachePrune()
    change(&wish)
    try wish.check()
    return try wish.selection(of: entries, free: free)
  }

  private var chain: [CacheEntry] { [entry("a"), entry("b", on: "a"), entry("c", on: "b")] }

  @Test func `without wishes everything goes that no image has, the topmost first`() throws {
    #expect(try selection(chain) { _ in } == ["c", "b", "a"])
    let shared = [entry("a", shared: true), entry("b", on: "a", shared: true), entry("c", on: "b")]
    #expect(try selection(shared) { _ in } == ["c"])
    #expect(try selection(shared) { $0.all = true } == ["c", "b", "a"])
  }

  @Test func `what others stand on stays with them, and what a build needs stays`() throws {
    #expect(try selection(chain) { $0.filters = Filters(["id": ["^a$"]]) } == [])
    #expect(try selection(chain) { $0.filters = Filters(["id": ["b|c"]]) } == ["c", "b"])
    var entries = chain
    entries[2].isInUse = true
    #expect(try selection(entries) { $0.all = true } == [])
  }

  @Test(arguments: [
    ("id", "^a$", ["a"]), ("inuse", "true", ["c"]), ("shared", "true", ["a"]), ("parent", "b", ["c"]),
    ("inuse", "false", ["a", "b"]), ("unused-for", "2022-01-01", ["a", "c"]),
  ])
  func `a listing has what filters mean, whether it may go or not`(
    key: String, value: String, expected: [String]
  ) throws {
    var entries = [
      entry("a", shared: true), entry("b", on: "a", used: "2024-01-01T00:00:00Z"), entry("c", on: "b"),
    ]
    entries[2].isInUse = true
    var wish = CachePrune()
    #expect(try wish.matching(entries) == entries)
    wish.filters = Filters([key: [value]])
    #expect(try wish.matching(entries).map(\.id) == expected)
  }

  @Test func `what was used since then stays`() throws {
    let entries = [entry("old"), entry("new", used: "2024-01-01T00:00:00Z")]
    for key in ["until", "unused-for"] {
      #expect(try selection(entries) { $0.filters = Filters([key: ["2022-01-01"]]) } == ["old"])
    }
  }

  @Test(arguments: [
    ("parent", "a", ["b"]), ("type", "regular", ["b", "a"]), ("type", "exec.cachemount", ["m"]),
    ("description", "layer b", ["b"]), ("inuse", "true", []), ("shared", "true", []),
    ("private", "1", ["m", "b", "a"]),
    ("label", "x", []), ("label!", "x", ["m", "b", "a"]),
  ])
  func `filters select by what entries are`(key: String, value: String, expected: [String]) throws {
    let mount = CacheEntry(id: "m", parent: nil, kind: .mount, description: "cached mount m", size: 1)
    let entries = [entry("a"), entry("b", on: "a"), mount]
    #expect(try selection(entries) { $0.filters = Filters([key: [value]]) } == expected)
  }

  @Test func `a filter without a value asks whether it is so`() throws {
    let entries = [entry("a"), entry("b", shared: true)]
    #expect(try selection(entries) { ($0.all, $0.filters) = (true, Filters(["shared": []])) } == ["b"])
    #expect(try selection(entries) { ($0.all, $0.filters) = (true, Filters(["private": []])) } == ["a"])
  }

  @Test func `with room for some the least recently used go`() throws {
    let entries = [
      entry("1", used: "2021-01-01T00:00:00Z"), entry("2", used: "2022-01-01T00:00:00Z"),
      entry("3", used: "2023-01-01T00:00:00Z"), entry("4", used: "2020-01-01T00:00:00Z", shared: true),
    ]
    #expect(try selection(entries) { $0.maximumSpace = 15 } == ["1", "2"])
    #expect(try selection(entries) { $0.maximumSpace = 30 } == [])
    #expect(try selection(entries) { $0.reservedSpace = 20 } == ["1"])
    #expect(try selection(entries) { ($0.maximumSpace, $0.reservedSpace) = (5, 20) } == ["1"])
    // As BuildKit has it: nothing goes where enough is free.
    #expect(try selection(entries, free: 100) { $0.minimumFree = 50 } == [])
    #expect(try selection(entries, free: 35) { $0.minimumFree = 50 } == ["1", "2"])
    #expect(try selection(entries, free: 0) { $0.minimumFree = 500 } == ["1", "2", "3"])
  }

  @Test func `a parent goes after its children, in its turn`() throws {
    let entries = [
      entry("base"), entry("leaf", on: "base", used: "2023-01-01T00:00:00Z"),
      entry("other", used: "2022-01-01T00:00:00Z"),
    ]
    #expect(try selection(entries) { $0.maximumSpace = 1 } == ["other", "leaf", "base"])
  }

  @Test(arguments: [
    (["until": ["1h"], "unused-for": ["2h"]], #"conflicting filters: "until" and "unused-for""#),
    (["id": ["a", "b"]], "filters expect only one value"),
    (["until": ["1h", "2h"]], "filters expect only one value"),
    (["until": ["soon"]], #"failed to parse value as time or duration: "soon""#),
    (["nope": ["a"]], "invalid filter 'nope'"),
    (["shared": ["perhaps"]], "invalid filter 'shared=[perhaps]'"),
    (["id": ["("]], "invalid filter 'id=(': it is no regular expression"),
  ])
  func `filters that make no sense are refused`(filters: [String: [String]], why: String) {
    let error = #expect(throws: EngineError.self) {
      _ = try selection([]) { $0.filters = Filters(filters) }
    }
    #expect(error?.message == why && error?.kind == .invalidArgument)
  }
}
