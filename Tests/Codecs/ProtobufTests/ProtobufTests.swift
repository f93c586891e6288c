import Protobuf
import SeededNumbers
import Testing

private struct Node: ProtobufMessage, Equatable {
  var name = ""
  var count: Int64 = 0
  var isOn = false
  var labels: [String: String] = [:]
  var children: [Node] = []
  var tags: [String] = []

  mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: name = value.text
    case 2: count = value.signed
    case 3: isOn = value.flag
    case 4: try labels.take(value)
    case 5: children.append(try Node(protobuf: value.slice))
    case 6: tags.append(value.text)
    default: break
    }
  }

  func write(to writer: inout ProtobufWriter) {
    writer.text(1, name)
    writer.number(2, count)
    writer.flag(3, isOn)
    writer.map(4, labels)
    for child in children { writer.message(5, child) }
    writer.texts(6, tags)
  }
}

@Suite struct ProtobufTests {
  @Test func `the documentation's examples read as they are told`() throws {
    var reader = ProtobufReader([0x08, 0x96, 0x01])
    #expect(try reader.next() == .init(number: 1, value: .varint(150)))
    #expect(try reader.next() == nil)
    reader = ProtobufReader([0x12, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67])
    #expect(try reader.next()?.value.text == "testing")
    reader = ProtobufReader([0x0d, 1, 0, 0, 0, 0x11, 2, 0, 0, 0, 0, 0, 0, 0])
    #expect(try reader.next()?.value == .fixed32(1))
    #expect(try reader.next()?.value == .fixed64(2))
  }

  @Test func `what was written is read again`() throws {
    var node = Node(name: "größe", count: -1, isOn: true, labels: ["a": "b", "": "c", "d": ""])
    node.children = [Node(), Node(name: "x", count: .min), Node(count: .max)]
    node.tags = ["", "x", ""]
    #expect(try Node(protobuf: node.encoded()) == node)
  }

  @Test func `standard values take no room`() { #expect(Node().encoded().isEmpty) }

  @Test func `fields that nobody knows are passed over`() throws {
    var writer = ProtobufWriter()
    writer.text(77, "what is this")
    writer.text(1, "name")
    writer.number(78, 5 as UInt64)
    #expect(try Node(protobuf: writer.bytes) == Node(name: "name"))
  }

  @Test(
    arguments: [
      [0x08], [0x08, 0x80], [0x12, 0x05, 0x61], [0x0d, 1, 2], [0x11, 1], [0x00, 0x01], [0x0b], [0x0c], [0x0e],
      [0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01],
      [0x08, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02],
      [0x08, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
    ] as [[UInt8]])
  func `what is no message is an error`(_ bytes: [UInt8]) {
    #expect(throws: ProtobufError.self) { try Node(protobuf: bytes) }
  }

  @Test func `no bytes are a trap`() {
    var numbers = SeededNumbers(seed: 11)
    var understood = 0
    for _ in 0..<20_000 {
      var bytes = Node(name: "n", count: 300, isOn: true, labels: ["k": "v"], children: [Node(name: "c")])
        .encoded()
      for _ in 0..<Int.random(in: 1...4, using: &numbers) {
        bytes[Int.random(in: bytes.indices, using: &numbers)] = .random(in: 0...255, using: &numbers)
      }
      if Bool.random(using: &numbers) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &numbers)) }
      do throws(ProtobufError) {
        let node = try Node(protobuf: bytes)
        // What is understood can be said again in a way that is understood alike.
        #expect(throws: Never.self) { try Node(protobuf: node.encoded()) }
        understood += 1
      } catch {
        continue
      }
    }
    #expect(understood > 0)
  }
}
