/// One message (D-Bus specification, Message Format).
struct BusMessage: Hashable, Sendable {
  enum Kind: UInt8, Sendable { case call = 1, reply, error, signal }
  /// Nothing that systemd tells of units is longer.
  static let longest = 4 << 20

  var kind: Kind
  var serial: UInt32
  var path: String?
  var interface: String?
  var member: String?
  /// Of an error.
  var name: String?
  var replySerial: UInt32?
  var destination: String?
  var body: [BusValue] = []

  init(_ kind: Kind, serial: UInt32) {
    self.kind = kind
    self.serial = serial
  }

  func encoded() -> [UInt8] {
    var payload = BusWriter()
    for value in body { payload.write(value) }
    var writer = BusWriter()
    writer.raw([UInt8(ascii: "l"), kind.rawValue, 0, 1])
    writer.number(UInt32(payload.bytes.count))
    writer.number(serial)
    writer.write(.array(of: "(yv)", fields))
    writer.align(to: 8)
    return writer.bytes + payload.bytes
  }

  private var fields: [BusValue] {
    var fields: [(UInt8, BusValue)] = []
    if let path { fields.append((1, .path(path))) }
    if let interface { fields.append((2, .string(interface))) }
    if let member { fields.append((3, .string(member))) }
    if let name { fields.append((4, .string(name))) }
    if let replySerial { fields.append((5, .uint32(replySerial))) }
    if let destination { fields.append((6, .string(destination))) }
    if !body.isEmpty { fields.append((8, .signature(body.map(\.signature).joined()))) }
    return fields.map { .structure([.byte($0.0), .variant($0.1)]) }
  }

  /// The first whole message, which is taken away from the bytes; nil while some of it is missing.
  static func take(from buffer: inout [UInt8]) throws(SystemdError) -> BusMessage? {
    guard buffer.count >= 16 else { return nil }
    guard buffer[0] == UInt8(ascii: "l"), buffer[3] == 1 else {
      throw .nonsense("a message of another kind of bus")
    }
    var head = BusReader(Array(buffer[..<16]))
    _ = try head.number()
    let (bodyLength, serial, fieldsLength) = (try head.number(), try head.number(), try head.number())
    guard bodyLength <= Self.longest, fieldsLength <= Self.longest else {
      throw .nonsense("a message that is too long")
    }
    let bodyStart = (16 + Int(fieldsLength) + 7) / 8 * 8
    let end = bodyStart + Int(bodyLength)
    guard buffer.count >= end else { return nil }
    defer { buffer.removeFirst(end) }
    guard let kind = Kind(rawValue: buffer[1]) else {
      throw .nonsense("a message of the unknown kind \(buffer[1])")
    }
    var message = BusMessage(kind, serial: serial)
    var signature = ""
    var fields = BusReader(Array(buffer[..<(16 + Int(fieldsLength))]))
    _ = try fields.number()
    _ = try fields.number()
    _ = try fields.number()
    for field in try fields.values("a(yv)") { try message.take(fields: field, &signature) }
    var body = BusReader(Array(buffer[bodyStart..<end]))
    message.body = try body.values(signature)
    return message
  }

  private mutating func take(fields value: BusValue, _ signature: inout String) throws(SystemdError) {
    guard case .array(_, let entries) = value else { return }
    for case .structure(let pair) in entries {
      guard pair.count == 2, case .byte(let code) = pair[0], case .variant(let value) = pair[1] else {
        continue
      }
      switch code {
      case 1: path = value.text
      case 2: interface = value.text
      case 3: member = value.text
      case 4: name = value.text
      case 5: if case .uint32(let number) = value { replySerial = number }
      case 6: destination = value.text
      case 8: signature = value.text ?? ""
      default: continue
      }
    }
  }
}
