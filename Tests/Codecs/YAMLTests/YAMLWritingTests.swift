import JSON
import SeededNumbers
import Testing

@testable import YAML

@Test(
  arguments: [
    ("plain", "plain"), ("", "\"\""), ("80", "\"80\""), ("true", "\"true\""), ("yes", "\"yes\""),
    ("a: b", "'a: b'"),
    ("#x", "'#x'"), ("it's", "it's"), (" lead", "' lead'"), ("a\nb", "|-\n  a\n  b"), ("a\n", "|\n  a"),
    ("x #y", "'x #y'"), ("10:30", "\"10:30\""), ("2001-01-01", "\"2001-01-01\""), ("tab\t", "\"tab\\t\""),
    ("1e3", "\"1e3\""), ("-", "'-'"), ("- a", "'- a'"), ("[x", "'[x'"), ("http://a:80", "http://a:80"),
    ("null", "\"null\""), ("é", "é"), ("\u{1F600}", "\"\\U0001F600\""), ("a\n\n", "|+\n  a\n"),
  ] as [(String, String)])
func `texts are quoted as go-yaml does`(text: String, written: String) {
  #expect(YAML.write(.string(text)) == written + "\n")
}

@Test func `lists stand two columns behind their key`() {
  let tree: JSONValue = ["a": [1, ["b": [true]], [2]], "c": [:], "d": [], "e": nil, "f": 0.5]
  #expect(YAML.write(tree) == "a:\n  - 1\n  - b:\n      - true\n  - - 2\nc: {}\nd: []\ne: null\nf: 0.5\n")
}

@Test func `keys sort by their numbers`() {
  let keys = ["a10", "a2", "b", "a", "_x", "a2b", "1", "02"].sorted(by: YAML.naturallyPrecedes)
  #expect(keys == ["_x", "1", "02", "a", "a2", "a2b", "a10", "b"])
}

/// Reads a written tree back, as far as YAML itself says what scalars are.
private func read(_ node: YAMLNode) -> JSONValue {
  switch node.content {
  case .scalar(let text, .plain):
    switch ScalarValue(plain: text) {
    case .null: .null
    case .boolean(let flag): .bool(flag)
    case .integer(let integer): .integer(integer)
    case .number(let number): .number(number)
    case .string(let text): .string(text)
    case .merge: .string("<<")
    }
  case .scalar(let text, _): .string(text)
  case .sequence(let items): .array(items.map(read))
  case .mapping(let pairs): .object(JSONObject(pairs.map { ($0.key.text ?? "", read($0.value)) }))
  case .alias(let target): read(target)
  }
}

private func randomText(_ random: inout SeededNumbers) -> String {
  let pieces = [
    "a", "B", " ", "\n", ":", "#", "-", "'", "\"", "\t", "é", "1", "0x", "{", "]", "&", "*", "!", "~", "\\",
    "%", "é\u{1F600}",
  ]
  return (0..<Int.random(in: 0...8, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
    .joined()
}

private func randomTree(_ random: inout SeededNumbers, depth: Int) -> JSONValue {
  switch Int.random(in: 0..<(depth > 0 ? 8 : 6), using: &random) {
  case 0: return .null
  case 1: return .bool(Bool.random(using: &random))
  case 2: return .integer(Int64.random(in: -5000...5000, using: &random))
  case 3: return .number(Double(Int.random(in: 1...999, using: &random)) + 0.125)
  case 4, 5: return .string(randomText(&random))
  case 6:
    return .array(
      (0..<Int.random(in: 0...4, using: &random)).map { _ in randomTree(&random, depth: depth - 1) })
  default:
    return .object(
      JSONObject(
        (0..<Int.random(in: 0...4, using: &random)).map { place in
          ("k\(place)" + randomText(&random), randomTree(&random, depth: depth - 1))
        }))
  }
}

@Test func `what is written reads back the same`() throws {
  var random = SeededNumbers(seed: 7)
  for _ in 0..<600 {
    let tree = randomTree(&random, depth: 4)
    let text = YAML.write(tree)
    let documents = try YAML.parse(Array(text.utf8))
    let back = documents.first.map(read) ?? .null
    if back != tree, !(tree.number != nil && back.number == tree.number) { #expect(back == tree, "\(text)") }
  }
}

@Test func `no bytes make the parser trap or hang`() {
  var random = SeededNumbers(seed: 11)
  let seeds = [
    "services:\n  web:\n    image: 'x'\n    ports: [\"80:80\", {target: 1}]\n",
    "a: &x |\n  text\nb: *x\n<<: {c: !t d}\n",
  ]
  for _ in 0..<3000 {
    var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
    for _ in 0..<Int.random(in: 1...4, using: &random) {
      let place = Int.random(in: 0...bytes.count, using: &random)
      let piece = [
        ":", "\n", " ", "-", "[", "}", "'", "\"", "&", "*", "!", "|", "\t", "?", "%", "\\", "\u{80}",
      ]
      bytes.insert(contentsOf: Array((piece.randomElement(using: &random) ?? "").utf8), at: place)
      if bytes.count > 2, Bool.random(using: &random) {
        bytes.remove(at: Int.random(in: 0..<bytes.count, using: &random))
      }
    }
    // Whether it is accepted does not matter here.
    _ = try? YAML.parse(bytes)
  }
}
