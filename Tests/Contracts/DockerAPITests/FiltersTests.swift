import DockerAPI
import Testing

private func refusal(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return "\(error)" }
  return nil
}

@Suite struct FiltersTests {
  @Test func `lists and maps of truths say the same`() throws {
    #expect(try Filters(json: #"{"label":["a","b","a"]}"#)["label"] == ["a", "b"])
    #expect(try Filters(json: #"{"label":{"a":true,"b":false}}"#)["label"] == ["a"])
    #expect(try Filters(json: "") == Filters())
    #expect(try Filters(json: "null") == Filters())
  }

  @Test(arguments: ["x", "[]", "5", #"{"label":"x"}"#, #"{"label":["a",5]}"#, #"{"label":{"x":1}}"#, "{"])
  func `whatever else is written is refused`(_ json: String) {
    #expect(refusal { _ = try Filters(json: json) } == "invalid filter")
  }

  @Test func `unknown keys are named`() {
    #expect(refusal { try Filters(["nix": ["1"]]).check(["label"]) } == "invalid filter 'nix'")
    #expect(refusal { try Filters(["label": ["1"]]).check(["label"]) } == nil)
  }

  @Test func `a truth is one of four words, and not both`() throws {
    #expect(try Filters(["dangling": ["1"]]).truth("dangling") == true)
    #expect(try Filters(["dangling": ["false", "0"]]).truth("dangling") == false)
    #expect(try Filters().truth("dangling") == nil)
    #expect(
      refusal { _ = try Filters(["dangling": ["true", "false"]]).truth("dangling") }
        == "invalid filter 'dangling=[true false]'")
    #expect(
      refusal { _ = try Filters(["dangling": ["True"]]).truth("dangling") }
        == "invalid filter 'dangling=[True]'")
    #expect(refusal { _ = try Filters(["dangling": []]).truth("dangling") } == "invalid filter 'dangling'")
  }

  @Test(arguments: [
    ("web", "/my-web-1", true), ("^/web$", "/web", true), ("^web$", "/web", true), ("^web$", "/web2", false),
    ("(", "/x(", false), ("/x(", "/x(", true), ("w.b|db", "/db", true), ("", "/web", true),
  ])
  func `names are matched by patterns, with their slash and without`(
    pattern: String, name: String, fits: Bool
  ) {
    let filters = Filters(["name": [pattern]])
    #expect(filters.acceptPatterns("name", name, String(name.dropFirst())) == fits)
  }
}
