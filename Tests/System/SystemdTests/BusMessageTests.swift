import Testing

@testable import Systemd

@Suite struct BusMessageTests {
  private func message(_ body: [BusValue]) -> BusMessage {
    var message = BusMessage(.call, serial: 7)
    message.path = "/org/freedesktop/systemd1"
    message.interface = "org.freedesktop.systemd1.Manager"
    message.member = "StartTransientUnit"
    message.destination = "org.freedesktop.systemd1"
    message.body = body
    return message
  }

  private static let everything: [BusValue] = [
    .byte(1), .boolean(true), .int32(-2), .uint32(3), .int64(-4), .uint64(.max), .string("ü"), .path("/a/b"),
    .signature("a(sv)"), .array(of: "t", []), .bytes([1, 2, 3]), .strings(["a", ""]),
    .properties([
      ("Slice", .string("a.slice")), ("PIDs", .array(of: "u", [.uint32(1)])), ("X", .boolean(false)),
    ]),
    .structure([.byte(9), .uint64(1), .variant(.array(of: "(ss)", []))]),
  ]

  @Test func `a message is read as it was written`() throws {
    let sent = message(Self.everything)
    var bytes = sent.encoded()
    #expect(try BusMessage.take(from: &bytes) == sent)
    #expect(bytes.isEmpty)
  }

  @Test func `numbers stand at their places, little endian, as the specification has them`() {
    var message = BusMessage(.call, serial: 1)
    message.member = "A"
    message.body = [.byte(1), .uint32(2)]
    #expect(
      message.encoded() == [
        0x6c, 1, 0, 1, 8, 0, 0, 0, 1, 0, 0, 0, 24, 0, 0, 0,
        3, 1, 0x73, 0, 1, 0, 0, 0, 0x41, 0, 0, 0, 0, 0, 0, 0,
        8, 1, 0x67, 0, 2, 0x79, 0x75, 0, 1, 0, 0, 0, 2, 0, 0, 0,
      ])
  }

  @Test func `two messages in one portion are two, and a part of one is none`() throws {
    let sent = message([.string("one")])
    let whole = sent.encoded()
    var bytes = whole + whole.dropLast()
    #expect(try BusMessage.take(from: &bytes) == sent)
    #expect(try BusMessage.take(from: &bytes) == nil)
    bytes.append(whole[whole.count - 1])
    #expect(try BusMessage.take(from: &bytes) == sent)
  }

  @Test func `what a peer sends in error is refused or waited for, never believed`() {
    let whole = message(Self.everything).encoded()
    var random = SystemRandom(state: 11)
    for _ in 0..<20_000 {
      var bytes = whole
      for _ in 0..<Int(random.next() % 6 + 1) {
        bytes[Int(random.next() % UInt64(bytes.count))] = UInt8(truncatingIfNeeded: random.next())
      }
      bytes.removeLast(Int(random.next() % 3) * Int(random.next() % 40))
      while bytes.count >= 16 {
        // A message that makes no sense ends the conversation.
        guard let found = try? BusMessage.take(from: &bytes), found.serial < .max else { break }
      }
    }
  }

  @Test func `a length beyond all reason is refused before it is waited for`() {
    var bytes = message([]).encoded()
    for index in 4..<8 { bytes[index] = 0xff }
    #expect(throws: SystemdError.nonsense("a message that is too long")) { try BusMessage.take(from: &bytes) }
  }

  @Test func `types inside of types end somewhere`() {
    var bytes = message([.variant(.string(String(repeating: "a", count: 200)))]).encoded()
    // Signatures of arrays of arrays … without an element.
    if let place = bytes.lastIndex(of: UInt8(ascii: "s")) { bytes[place] = UInt8(ascii: "a") }
    #expect(throws: SystemdError.self) { try BusMessage.take(from: &bytes) }
  }
}

/// The same numbers each time (xorshift).
private struct SystemRandom {
  var state: UInt64
  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
