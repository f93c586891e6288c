import SeededNumbers
import Testing

@testable import JSON

struct ParserTests {
  static let texts: [(String, JSONValue)] = [
    ("null", .null), (" true ", true), ("-0", 0), ("12", 12), ("1.5e2", 150.0),
    ("9223372036854775808", 9223372036854775808.0),
    (#""a\"\\\/\b\f\n\r\t\u0041""#, "a\"\\/\u{8}\u{c}\n\r\tA"), (#""\ud83d\ude00""#, "😀"),
    (#""\ud83dx""#, "\u{FFFD}x"), (#""\udc00""#, "\u{FFFD}"),
    ("[]", []), ("[1, [2], {}]", [1, [2], [:]]), (#"{"a":1,"b":{"c":[]}}"#, ["a": 1, "b": ["c": []]]),
    (#"{"a":1,"a":2}"#, ["a": 2]), ("\u{FEFF}{}", [:]),
  ]

  @Test(arguments: texts)
  func `texts become values`(text: String, value: JSONValue) throws {
    #expect(try JSON.parse(Array(text.utf8)) == value)
  }

  @Test(arguments: [
    ("", 1, 1, "unexpected end where a value should stand"),
    ("{", 1, 2, "unexpected end where a key should stand"),
    ("[1,]", 1, 4, "unexpected ']' after ','"), ("{\"a\" 1}", 1, 6, "unexpected '1' where ':' should stand"),
    ("[1\n 2]", 2, 2, "unexpected '2' where ',' or ']' should stand"),
    ("01", 1, 2, "unexpected '1' after the value"),
    ("\"é\u{1}\"", 1, 3, "unexpected byte 1 in a string"), ("nul", 1, 4, "unexpected end in 'null'"),
    ("1.", 1, 3, "unexpected end in a number"),
    ("\"\\x\"", 1, 3, "unexpected 'x' after '\\'"), ("{} {}", 1, 4, "unexpected '{' after the value"),
    ("{,}", 1, 2, "unexpected ',' where a key should stand"),
  ])
  func `broken texts are refused with line and column`(text: String, line: Int, column: Int, message: String)
  {
    #expect(throws: JSONError(line: line, column: column, path: "", message: message)) {
      try JSON.parse(Array(text.utf8))
    }
  }

  @Test func `nesting is bounded`() {
    let deep = [UInt8](repeating: UInt8(ascii: "["), count: JSON.depthLimit + 1)
    #expect { try JSON.parse(deep) } throws: { "\($0)".contains("nested deeper") }
  }

  @Test func `large objects keep their order and find their keys`() throws {
    let object = JSONObject((0..<500).map { ("k\($0)", JSONValue.integer(Int64($0))) })
    let back = try JSON.parse(JSON.encode(object)).object
    #expect(back == object)
    #expect(back?.keys == object.keys)
    var smaller = object
    for index in 0..<490 { smaller["k\(index)"] = nil }
    #expect(smaller.keys == (490..<500).map { "k\($0)" })
    #expect(smaller["k495"] == 495)
  }

  @Test func `random values survive writing and reading, and broken texts never trap`() {
    var random = SeededNumbers(seed: 7)
    for _ in 0..<2000 {
      let value = Self.value(&random, depth: 4)
      var bytes = JSON.encode(
        value, as: random.next() % 2 == 0 ? .plain : .docker, pretty: random.next() % 2 == 0)
      #expect((try? JSON.parse(bytes)) == value)
      let place = Int(random.next() % UInt64(bytes.count))
      bytes[place] = UInt8(truncatingIfNeeded: random.next())
      // Broken on purpose; only a trap would be a fault.
      _ = try? JSON.parse(bytes)
      _ = try? JSON.decode([String: [Int]].self, from: bytes, as: .docker)
    }
  }

  private static func value(_ random: inout SeededNumbers, depth: Int) -> JSONValue {
    switch random.next() % (depth == 0 ? 5 : 7) {
    case 0: .null
    case 1: .bool(random.next() % 2 == 0)
    case 2: .integer(Int64(bitPattern: random.next()) >> Int64(random.next() % 60))
    case 3: .number(Double(random.next() % 100_000) / 7 + 0.25)
    case 4: .string(string(&random))
    case 5: .array((0..<random.next() % 5).map { _ in value(&random, depth: depth - 1) })
    default:
      .object(
        JSONObject((0..<random.next() % 20).map { _ in (string(&random), value(&random, depth: depth - 1)) }))
    }
  }

  private static func string(_ random: inout SeededNumbers) -> String {
    let letters: [Character] = ["a", "\"", "\\", "\n", "\u{1}", "<", "é", "😀", "\u{2028}", "z", "0", "/"]
    return String((0..<random.next() % 8).map { _ in letters[Int(random.next() % UInt64(letters.count))] })
  }
}
