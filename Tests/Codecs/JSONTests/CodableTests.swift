import Testing

@testable import JSON

private struct Host: Codable, Equatable {
  var memory: Int64 = 0
  var binds: [String]?
  var labels: [String: String] = [:]
  var nested = Inner()
  var initProcess: Bool?
  enum CodingKeys: String, CodingKey { case memory, binds, labels, nested, initProcess = "Init" }
}
private struct Inner: Codable, Equatable {
  var name = ""
  var big: UInt64 = 0
  var ratio = 0.0
  var kind: Kind?
}
private enum Kind: String, Codable { case bind, volume }
private struct Flat: Codable, Equatable {
  var inner = Inner()
  var extra = ""
  enum CodingKeys: CodingKey { case extra }
  init() {}
  init(from decoder: any Decoder) throws {
    inner = try Inner(from: decoder)
    extra = try decoder.container(keyedBy: CodingKeys.self).decode(String.self, forKey: .extra)
  }
  func encode(to encoder: any Encoder) throws {
    try inner.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(extra, forKey: .extra)
  }
}
private class Animal: Codable { var legs = 4 }
private final class Cat: Animal {
  var name = "Tom"
  enum CodingKeys: CodingKey { case name, first, list }
  override init() { super.init() }
  required init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    name = try container.nestedContainer(keyedBy: CodingKeys.self, forKey: .first).decode(
      String.self, forKey: .name)
    var list = try container.nestedUnkeyedContainer(forKey: .list)
    guard try list.decode(Int.self) == 1, try list.decodeNil(), list.isAtEnd else { fatalError("wrong list") }
    try super.init(from: container.superDecoder())
  }
  override func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    let above = container.superEncoder()
    var first = container.nestedContainer(keyedBy: CodingKeys.self, forKey: .first)
    var list = container.nestedUnkeyedContainer(forKey: .list)
    try list.encode(1)
    try first.encode(name, forKey: .name)
    try list.encodeNil()
    try super.encode(to: above)
  }
}

private func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

struct CodableTests {
  @Test func `the docker dialect writes keys as Go does and leaves out nil`() {
    var host = Host()
    host.labels = ["b.x": "<&>", "a": "\u{2028}"]
    host.nested.big = .max
    host.nested.kind = .volume
    let expected =
      #"{"Memory":0,"Labels":{"a":"\u2028","b.x":"\u003c\u0026\u003e"},"#
      + #""Nested":{"Name":"","Big":18446744073709551615,"Ratio":0,"Kind":"volume"}}"#
    #expect(text(JSON.encode(host, as: .docker)) == expected)
  }

  @Test func `the docker dialect reads keys in any case and zero values for what is absent or null`() throws {
    let given = #"{"MEMORY":5,"labels":null,"Nested":null,"INIT":true,"Binds":["a",null]}"#
    let host = try JSON.decode(Host.self, from: Array(given.utf8), as: .docker)
    #expect(host.memory == 5)
    #expect(host.labels == [:])
    #expect(host.nested == Inner())
    #expect(host.initProcess == true)
    #expect(host.binds == ["a", ""])
    #expect(try JSON.decode(Host.self, from: Array("{}".utf8), as: .docker) == Host())
    #expect(try JSON.decode([Host].self, from: Array("null".utf8), as: .docker) == [])
  }

  @Test func `an exact key wins over one in another case`() throws {
    let given = #"{"name":"wrong","Name":"right"}"#
    #expect(try JSON.decode(Inner.self, from: Array(given.utf8), as: .docker).name == "right")
  }

  @Test func `keys of dictionaries are never changed`() throws {
    let given = ["x.y": 1, "A": 2, "a": 3]
    #expect(text(JSON.encode(given, as: .docker)) == #"{"A":2,"a":3,"x.y":1}"#)
    #expect(try JSON.decode([String: Int].self, from: JSON.encode(given), as: .docker) == given)
  }

  @Test func `embedded structs share one object`() throws {
    var flat = Flat()
    flat.inner.name = "n"
    flat.extra = "e"
    #expect(text(JSON.encode(flat, as: .docker)) == #"{"Name":"n","Big":0,"Ratio":0,"Extra":"e"}"#)
    #expect(try JSON.decode(Flat.self, from: JSON.encode(flat, as: .docker), as: .docker) == flat)
  }

  @Test(arguments: [JSONDialect.plain, .docker])
  func `super and nested containers may be filled in any order`(dialect: JSONDialect) throws {
    let cat = Cat()
    cat.name = "Kit"
    cat.legs = 3
    let back = try JSON.decode(Cat.self, from: JSON.encode(cat, as: dialect), as: dialect)
    #expect(back.name == "Kit")
    #expect(back.legs == 3)
  }

  @Test func `the plain dialect misses what is absent, and says where`() {
    let given = "{\n  \"memory\": 1,\n  \"labels\": {}, \"nested\": {\"name\": 7}}"
    #expect(
      throws: JSONError(
        line: 3, column: 36, path: "nested.name", message: "expected a string, found the number 7")
    ) {
      try JSON.decode(Host.self, from: Array(given.utf8))
    }
    #expect(throws: JSONError(line: 1, column: 1, path: "memory", message: "missing")) {
      try JSON.decode(Host.self, from: Array("{}".utf8))
    }
  }

  @Test func `an unknown raw value is an error with its path`() {
    let given = #"{"name":"","big":1,"ratio":1,"kind":"x"}"#
    #expect { try JSON.decode(Inner.self, from: Array(given.utf8)) } throws: { error in
      (error as? JSONError)?.path == "kind"
    }
  }

  @Test func `numbers that do not fit are errors`() {
    for given in ["300", "-1", "1.5", "1e3"] {
      #expect(throws: JSONError.self) { try JSON.decode(UInt8.self, from: Array(given.utf8)) }
    }
    #expect(throws: Never.self) { try JSON.decode(UInt64.self, from: Array("18446744073709551615".utf8)) }
    #expect(throws: JSONError.self) { try JSON.decode(Int64.self, from: Array("9223372036854775808".utf8)) }
    #expect((try? JSON.decode(Int64.self, from: Array("-9223372036854775808".utf8))) == Int64.min)
  }

  @Test(arguments: [
    (0.0, "0"), (-0.5, "-0.5"), (5, "5"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
    (1e-6, "0.000001"),
    (1e-7, "1e-7"), (123456.789, "123456.789"), (1.5e300, "1.5e+300"), (0.1, "0.1"),
    (12345678901234567890.0, "12345678901234567000"),
    (.infinity, "null"),
  ])
  func `floating-point numbers are written as Go writes them`(number: Double, expected: String) {
    #expect(text(JSON.encode([number])) == "[\(expected)]")
  }

  @Test func `pretty text is indented by four spaces`() {
    let value: JSONValue = ["a": [1, ["b": nil]], "c": [], "d": [:]]
    #expect(
      text(JSON.encode(value, pretty: true)) == """
        {
            "a": [
                1,
                {
                    "b": null
                }
            ],
            "c": [],
            "d": {}
        }
        """)
  }

  @Test func `a type may have its nils written for docker`() {
    struct Telling: Encodable, NilWriting {
      var list: [String]?
      var number: Int64?
      var quiet: String?
      static func writesNil(_ key: any CodingKey) -> Bool { key.stringValue != "quiet" }
    }
    #expect(text(JSON.encode(Telling(), as: .docker)) == #"{"List":null,"Number":null}"#)
    #expect(text(JSON.encode(Telling(), as: .plain)) == "{}")
    #expect(
      text(JSON.encode(Telling(list: [], number: 1, quiet: ""), as: .docker))
        == #"{"List":[],"Number":1,"Quiet":""}"#)
  }

  @Test func `JSON values pass through Codable`() throws {
    struct Holder: Codable { var any: JSONValue; var object: JSONObject; var maybe: JSONValue? }
    let given = #"{"any":[1,2.5,"x",null,{"k":true}],"object":{"z":1,"a":2}}"#
    let holder = try JSON.decode(Holder.self, from: Array(given.utf8))
    #expect(holder.maybe == nil)
    #expect(text(JSON.encode(holder)) == given)
  }
}
