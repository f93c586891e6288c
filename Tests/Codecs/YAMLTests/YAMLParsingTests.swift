import JSON
import Testing

@testable import YAML

/// A node as a short text: scalars in quotes where they were, lists and mappings in flow style, tags before.
private func dump(_ node: YAMLNode) -> String {
  let tag = node.tag.isEmpty ? "" : "<\(node.tag)>"
  switch node.content {
  case .scalar(let text, .plain): return tag + text
  case .scalar(let text, _): return tag + "'\(text)'"
  case .sequence(let items): return tag + "[" + items.map(dump).joined(separator: ", ") + "]"
  case .mapping(let pairs):
    return tag + "{" + pairs.map { "\(dump($0.key)): \(dump($0.value))" }.joined(separator: ", ") + "}"
  case .alias(let target): return "*" + dump(target)
  }
}

private func parse(_ text: String) throws -> [String] { try YAML.parse(Array(text.utf8)).map(dump) }

@Test(
  arguments: [
    ("a: 1\nb:\n  - x\n  - y: z\n", ["{a: 1, b: [x, {y: z}]}"]),
    ("a:\n- 1\n- 2\nb: c", ["{a: [1, 2], b: c}"]),
    ("{a: [1, 2], 'b c': \"d\\te\"}", ["{a: [1, 2], 'b c': 'd\te'}"]),
    ("a: &x {k: v}\nb: *x", ["{a: {k: v}, b: *{k: v}}"]),
    ("a: |\n  one\n   two\n\nb: >-\n  three\n  four\n", ["{a: 'one\n two\n', b: 'three four'}"]),
    ("a: !reset null\nb: !override [1]", ["{a: <!reset>null, b: <!override>[1]}"]),
    ("a: word one\n  word two", ["{a: word one word two}"]),
    ("# only a comment\n", []),
    ("--- a\n--- b\n...\n", ["a", "b"]),
    ("a:\nb:", ["{a: , b: }"]),
    ("? complex\n: value", ["{complex: value}"]),
    ("'it''s': \"\\u00e9\\x41\"", ["{'it's': 'éA'}"]),
    ("url: http://x:80/y#z # comment", ["{url: http://x:80/y#z}"]),
    ("a: |+\n  x\n\n\nb: |2\n   y\n", ["{a: 'x\n\n\n', b: ' y\n'}"]),
    ("\u{FEFF}a: b\r\nc: d\r\n", ["{a: b, c: d}"]),
  ] as [(String, [String])])
func `documents become nodes`(text: String, nodes: [String]) throws {
  #expect(try parse(text) == nodes)
}

@Test(
  arguments: [
    ("services:\n  web:\n    image: x\n   foo: 1\n", "yaml: line 1: did not find expected key"),
    ("a: b: c", "yaml: mapping values are not allowed in this context"),
    ("x: 1\ny: b: c", "yaml: line 2: mapping values are not allowed in this context"),
    ("services:\n\tweb:\n", "yaml: line 2: found character that cannot start any token"),
    ("[a", "yaml: line 1: did not find expected ',' or ']'"),
    ("a: 'x", "yaml: found unexpected end of stream"),
    ("a: *nope", "yaml: unknown anchor 'nope' referenced"),
    ("a: &x [*x]", "yaml: anchor 'x' value contains itself"),
    ("a: \u{1}", "yaml: control characters are not allowed"),
    ("a: b\nc\nd: e", "yaml: line 2: could not find expected ':'"),
    ("a: \"\\q\"", "yaml: found unknown escape character"),
  ] as [(String, String)])
func `faults are told in go-yaml's words`(text: String, message: String) {
  let error = #expect(throws: YAMLError.self) { try YAML.parse(Array(text.utf8)) }
  #expect(error?.description == message)
}

@Test func `errors know their own line and column`() {
  let error = #expect(throws: YAMLError.self) { try YAML.parse(Array("a: 1\nb: c: d\n".utf8)) }
  #expect(error?.line == 2)
  #expect(error?.column == 5)
}

@Test func `nodes know where they begin`() throws {
  let root = try #require(try YAML.parse(Array("a: 1\nb:\n  - c\n".utf8)).first)
  guard case .mapping(let pairs) = root.content, case .sequence(let items) = pairs[1].value.content else {
    Issue.record("not the shape that was written")
    return
  }
  #expect(pairs[1].key.line == 2)
  #expect(items[0].line == 3)
  #expect(items[0].column == 5)
}

@Test func `depth is bounded`() {
  let deep = String(repeating: "[", count: 100_000)
  #expect(throws: YAMLError.self) { try YAML.parse(Array(deep.utf8)) }
}

@Test(
  arguments: [
    ("yes", .string("yes")), ("true", .boolean(true)), ("NO", .string("NO")), ("0755", .integer(493)),
    ("0o17", .integer(15)), ("0x1f", .integer(31)), ("1_000", .integer(1000)), ("1e3", .number(1000)),
    ("1.5", .number(1.5)), (".5", .number(0.5)), ("-12", .integer(-12)), ("1.2.3", .string("1.2.3")),
    ("~", .null), ("", .null), ("Null", .null), ("12:30", .string("12:30")), ("08", .number(8)),
    ("+", .string("+")),
  ] as [(String, ScalarValue)])
func `plain scalars mean what go-yaml says`(text: String, value: ScalarValue) {
  #expect(ScalarValue(plain: text) == value)
}
