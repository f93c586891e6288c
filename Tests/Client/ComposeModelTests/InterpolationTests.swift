import Testing

@testable import ComposeModel

private let values = ["A": "a", "EMPTY": "", "X1": "x"]

@Test(
  arguments: [
    ("$A", "a"), ("${A}", "a"), ("$$A", "$A"), ("$NOPE.", "."), ("${NOPE:-d}", "d"), ("${EMPTY:-d}", "d"),
    ("${EMPTY-d}", ""), ("${A:+yes}", "yes"), ("${EMPTY:+yes}", ""), ("${EMPTY+yes}", "yes"),
    ("${NOPE+yes}", ""),
    ("${A:?why}", "a"), ("${NOPE:-${A}b}c", "abc"), ("${NOPE:-${ALSO:-deep}}", "deep"), ("a$1b", "a$1b"),
    ("100%$", "100%$"),
    ("${NOPE:-a:b}/${A}", "a:b/a"), ("$X1-$A", "x-a"), ("${A}${X1}", "ax"), ("${NOPE:-}", ""),
  ] as [(String, String)])
func `variables are filled in`(text: String, filled: String) throws {
  #expect(try Interpolation(lookup: { values[$0] }).fill(text) == filled)
}

@Test(arguments: ["${", "${}", "${A", "${1}", "${A!b}", "x ${A:-b"])
func `templates that are none are refused`(text: String) {
  #expect(throws: InterpolationError.invalid) { try Interpolation(lookup: { values[$0] }).fill(text) }
}

@Test func `required variables say why they are needed`() {
  #expect(throws: InterpolationError.missing(variable: "NOPE", reason: "set a")) {
    try Interpolation(lookup: { values[$0] }).fill("${NOPE:?set $A}")
  }
}

@Test func `variables without a value are told`() throws {
  var told: [String] = []
  _ = try Interpolation(lookup: { values[$0] }, unset: { told.append($0) }).fill("$ONE ${TWO} ${THREE:-3}")
  #expect(told == ["ONE", "TWO"])
}

@Test func `no text makes interpolation trap or hang`() {
  var state: UInt64 = 3
  let pieces = ["$", "{", "}", "A", ":-", "?", "+", "$$", "\n", " ", "é", "${A:-", "NOPE"]
  for _ in 0..<5000 {
    var text = ""
    for _ in 0..<12 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      text += pieces[Int((state >> 33) % UInt64(pieces.count))]
    }
    // Whether it is a template does not matter here.
    _ = try? Interpolation(lookup: { values[$0] }).fill(text)
  }
}

@Test func `env files know quotes, comments, variables and bare keys`() throws {
  let text = """
    # comment
    PLAIN=value # said
    export EXPORTED=yes
    QUOTED="a\\nb ${PLAIN}"
    RAW='$PLAIN'
    YAML: style
    INHERITED
    SPACED = x y
    """
  var found: [String: String] = [:]
  try EnvFileParser.parse(Array(text.utf8), into: &found) { $0 == "INHERITED" ? "outer" : nil }
  #expect(
    found == [
      "PLAIN": "value", "EXPORTED": "yes", "QUOTED": "a\nb value", "RAW": "$PLAIN", "YAML": "style",
      "INHERITED": "outer",
      "SPACED": "x y",
    ])
}

@Test func `env files say which line is wrong`() {
  var found: [String: String] = [:]
  #expect(throws: ComposeError("line 2: unexpected character \"!\" in variable name \"B!=1\"")) {
    try EnvFileParser.parse(Array("A=1\nB!=1\n".utf8), into: &found) { _ in nil }
  }
  #expect(throws: ComposeError("line 1: unterminated quoted value \"x")) {
    try EnvFileParser.parse(Array("A=\"x".utf8), into: &found) { _ in nil }
  }
}
