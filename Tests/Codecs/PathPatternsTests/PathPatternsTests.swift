import Testing

@testable import PathPatterns

@Suite struct GlobTests {
  @Test(arguments: [
    ("abc", "abc", true), ("*", "abc", true), ("*c", "abc", true), ("a*", "a", true), ("a*", "ab/c", false),
    ("a*/b", "abc/b", true), ("a*b*c*d*e*/f", "axbxcxdxe/f", true), ("a*b?c*x", "abxbbxdbxebxczzx", true),
    ("a*b?c*x", "abxbbxdbxebxczzy", false), ("ab[c]", "abc", true), ("ab[b-d]", "abc", true),
    ("ab[e-g]", "abc", false),
    ("ab[^c]", "abc", false), ("ab[^e-g]", "abc", true), ("a\\*b", "a*b", true), ("a\\*b", "ab", false),
    ("a?b", "a☺b", true), ("a???b", "a☺b", false), ("[\\]a]", "]", true), ("[x\\-]", "-", true),
    ("*x", "xxx", true),
    ("a?b", "a/b", false), ("a*b", "a/b", false), ("**", "a/b", false),
  ]) func `names match as Go's filepath.Match has it`(pattern: String, name: String, expected: Bool) throws {
    #expect(try Glob(pattern).matches(name) == expected)
  }

  @Test(arguments: ["[", "[^", "[^bc", "a[", "[-x]", "[x-]", "[]a]", "\\", "a\\", "[a-b-c]"])
  func `malformed patterns are refused`(pattern: String) {
    #expect(throws: PatternError(pattern: pattern, reason: "syntax error in pattern")) { try Glob(pattern) }
  }

  @Test func `a pattern full of stars costs no exponential time`() throws {
    #expect(try !Glob(String(repeating: "a*", count: 50) + "b").matches(String(repeating: "a", count: 400)))
  }
}

@Suite struct PathPatternsTests {
  @Test(arguments: [
    ("**", "file", true), ("**", "dir/file", true), ("**/", "file", true), ("**/**", "dir/file", true),
    ("dir/**", "dir/file", true), ("dir/**", "dir/dir2/file", true), ("**/dir", "dir/file", true),
    ("**/dir2/*", "dir/dir2/file", true), ("**/dir2/**", "dir/dir2/dir2/file", true),
    ("**file", "file", true),
    ("**file", "dir/file", true), ("**/file", "dir/dir/file", true), ("**/file*", "dir/dir/file.txt", true),
    ("**/file*txt", "dir/dir/file.txt", true), ("**/**/*.txt", "dir/dir/file.txt", true),
    ("**/**/*.txt2", "dir/dir/file.txt", false), ("**/*.txt", "file.txt", true),
    ("a**/*.txt", "a/file.txt", true),
    ("a**/*.txt", "a/dir/dir/file.txt", true), ("a[b-d]e", "ae", false), ("a[b-d]e", "ace", true),
    ("a[^b-d]e", "aze", true), (".*", ".foo", true), (".*", "foo", false), ("abc.def", "abcdef", false),
    ("abc?def", "abcZdef", true), ("abc?def", "abcdef", false), ("**/foo/bar", "foo/bar", true),
    ("**/foo/bar", "dir/foo/bar", true), ("abc/**", "abc", false), ("abc/**", "abc/def", true),
    ("**/.foo", ".foo", true),
    ("**/.foo", "bar.foo", false), ("a(b)c/def", "a(b)c/def", true), ("a.|)$(}+{bc", "a.|)$(}+{bc", true),
    (
      "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl",
      "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true
    ),
    ("dist/*.whl", "dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl", true), ("a\\*b", "a*b", true),
    ("*/foo", "bar/foo/baz", true), ("foo", "foo/bar/baz", true), ("foo/", "foo", true),
    ("a**b", "axb", false),
    ("node_modules", "src/node_modules", false), ("*.md", "docs/a.md", false),
  ]) func `a single pattern covers what moby's matcher covers`(pattern: String, path: String, expected: Bool)
    throws
  {
    #expect(try PathPatterns([pattern]).cover(path) == expected)
  }

  @Test func `the last pattern that covers a path decides`() throws {
    let patterns = try PathPatterns(["docs", "!docs/README.md", "*.log", "!keep.log", "keep.log"])
    #expect(patterns.deciding("docs/a/b") == 0)
    #expect(patterns.deciding("docs/README.md") == nil)
    #expect(patterns.deciding("keep.log") == 4)
    #expect(patterns.deciding("src/main.c") == nil)
    #expect(patterns.takesBack)
  }

  @Test func `everything but one directory`() throws {
    let patterns = try PathPatterns(["*", "!src"])
    #expect(patterns.cover("README"))
    #expect(!patterns.cover("src"))
    #expect(!patterns.cover("src/deep/file"))
  }

  @Test func `a lone exclamation mark is refused`() {
    #expect(throws: PatternError.self) { try PathPatterns(["!"]) }
  }

  @Test func `an ignore file loses its comments, blanks and leading slashes and keeps its line numbers`() {
    let file = IgnoreFile("\u{FEFF}# c\r\n\n  /a/b/  \n!  ./x\n # not a comment\n\\#hash\n")
    #expect(file.lines.map(\.pattern) == ["a/b", "!x", "# not a comment", "\\#hash"])
    #expect(file.lines.map(\.number) == [3, 4, 5, 6])
  }

  @Test(arguments: [
    ("", "."), ("a//b/./c/..", "a/b"), ("/../a", "/a"), ("../a/../..", "../.."), ("/", "/"), ("./a/", "a"),
  ]) func `paths are cleaned as Go does`(path: String, expected: String) {
    #expect(SlashPath.clean(path) == expected)
  }

  @Test func `a path is seen from a directory above it alone`() {
    #expect(SlashPath.relative("/a/b/c", to: "/a") == "b/c")
    #expect(SlashPath.relative("/a", to: "/") == "a")
    #expect(SlashPath.relative("/a", to: "/a") == "")
    #expect(SlashPath.relative("/", to: "/") == "")
    #expect(SlashPath.relative("/ab", to: "/a") == nil)
    #expect(SlashPath.relative("/a", to: "/a/b") == nil)
  }
}
