import Testing

@testable import Images

@Suite struct NamePatternTests {
  @Test(arguments: ["busy*", "b[a-z]*", "[^x]?", "a\\*b", "", "]"])
  func `what Go takes for a pattern is one`(_ pattern: String) {
    #expect(NamePattern.isValid(pattern))
  }

  @Test(arguments: ["[", "a[b", "x[a-z", "a\\"])
  func `a set without an end, and a backslash at the end, are none`(_ pattern: String) {
    #expect(!NamePattern.isValid(pattern))
  }
}
