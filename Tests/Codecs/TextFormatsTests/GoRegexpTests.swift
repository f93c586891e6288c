import TextFormats
import Testing

@Suite struct GoRegexpTests {
  @Test(arguments: [
    ("", "anything", true), ("b", "abc", true), ("^b", "abc", false), ("c$", "abc", true),
    ("a.c", "abc", true),
    ("a.c", "a\nc", false), ("^a*$", "aaa", true), ("^a+$", "", false), ("^a?b$", "b", true),
    ("^(ab|cd)+$", "abcdab", true), ("^(ab|cd)+$", "abc", false), ("^(?:a|b|)c$", "c", true),
    ("^a{2}$", "aa", true), ("^a{2}$", "aaa", false), ("^a{2,}$", "aaaaa", true), ("^a{1,3}$", "aaaa", false),
    ("a{x", "a{x", true), ("^[a-c_]+$", "ab_c", true), ("^[^a-c]+$", "xyz", true), ("^[]a]+$", "]a", true),
    ("^[a-]+$", "a-a", true), (#"^\d+\.\d+$"#, "12.5", true), (#"^\w+\s\W$"#, "ab !", true),
    (#"^[\d-]+$"#, "1-2", true), (#"\bweb\b"#, "my web 1", true), (#"\bweb\b"#, "webs", false),
    ("(?i)WEB", "my-web", true), ("(?i)^[a-z]+$", "AbC", true), ("^a+?b$", "aab", true),
    ("ä|ö", "böse", true),
    ("^(a|b){2,3}$", "abab", false), ("x*", "", true), ("^(a*)*$", "aaab", false), ("^(|a)+b$", "aab", true),
  ])
  func `patterns match as Go's do`(pattern: String, text: String, matches: Bool) throws {
    #expect(try GoRegexp(pattern).matches(text) == matches)
  }

  @Test(arguments: [
    "(", ")", "a)", "*a", "+", "[a", "[z-a]", "a\\", #"\pL"#, "(?P<n>a)", "(?s)a", "(a{1000}){1000}",
    String(repeating: "(", count: 100) + String(repeating: ")", count: 100),
    String(repeating: "a", count: 1025),
  ])
  func `what is no pattern, or too large a one, is refused`(_ pattern: String) {
    #expect(throws: GoRegexp.SyntaxError.self) { try GoRegexp(pattern) }
  }

  @Test(.timeLimit(.minutes(1)))
  func `patterns that choke those who try everything take no time`() throws {
    let text = String(repeating: "a", count: 2000) + "!"
    for pattern in ["^(a+)+$", "^(a|aa)+$", "^(a|a?)+$", "(a*)*b", "(.*a){20}x"] {
      #expect(try !GoRegexp(pattern).matches(text))
    }
  }
}
