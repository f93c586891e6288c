/// Bytes of a stranger, read once from front to back; every length is checked, no pointer is followed.
struct DNSScanner {
  private let bytes: ArraySlice<UInt8>
  private(set) var index: Int

  init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    index = bytes.startIndex
  }

  mutating func byte() -> UInt8? {
    guard index < bytes.endIndex else { return nil }
    defer { index += 1 }
    return bytes[index]
  }

  mutating func word() -> UInt16? {
    guard let high = byte(), let low = byte() else { return nil }
    return UInt16(high) << 8 | UInt16(low)
  }

  mutating func skip(_ count: Int) -> Bool {
    guard bytes.endIndex - index >= count else { return false }
    index += count
    return true
  }

  /// A name of labels alone, as a question has it.
  mutating func name() -> DNSName? {
    let start = index
    while let length = byte() {
      if length == 0 { return index - start <= 255 ? DNSName(wire: Array(bytes[start..<index])) : nil }
      guard length < 64, skip(Int(length)) else { return nil }
    }
    return nil
  }

  /// Passes over a name that may end with a pointer.
  mutating func skipName() -> Bool {
    while let length = byte() {
      if length == 0 { return true }
      if length >= 0xc0 { return skip(1) }
      guard length < 64, skip(Int(length)) else { return false }
    }
    return false
  }
}

extension DNSQuery {
  /// The question in a message of a client. Of what else is in the message only EDNS' payload size is heeded.
  public init(reading message: ArraySlice<UInt8>) throws(DNSMessageError) {
    var scanner = DNSScanner(message)
    guard let id = scanner.word(), let flags = scanner.word(), let questions = scanner.word(),
      let answers = scanner.word(), let authorities = scanner.word(), let additional = scanner.word()
    else { throw .ignore }
    guard flags & 0x8000 == 0 else { throw .ignore }
    guard flags & 0x7800 == 0 else { throw .refuse(id: id, .notImplemented) }
    guard questions == 1, let name = scanner.name(), let type = scanner.word(),
      let recordClass = scanner.word()
    else {
      throw .refuse(id: id, .formatError)
    }
    self.init(
      id: id, name: name, type: DNSType(rawValue: type), recordClass: recordClass,
      recursionDesired: flags & 0x0100 != 0,
      payloadSize: Self.payloadSize(&scanner, records: Int(answers) + Int(authorities) + Int(additional)))
  }

  private static func payloadSize(_ scanner: inout DNSScanner, records: Int) -> Int? {
    for _ in 0..<records {
      guard scanner.skipName(), let type = scanner.word(), let recordClass = scanner.word(), scanner.skip(4),
        let length = scanner.word(), scanner.skip(Int(length))
      else { return nil }
      if type == DNSType.opt.rawValue { return max(512, Int(recordClass)) }
    }
    return nil
  }
}

/// What a server forwarded to must have sent for its answer to be believed, and what of it is looked at.
public struct DNSReply: Equatable, Sendable {
  public let id: UInt16
  public let code: UInt8
  public let isTruncated: Bool
  public let name: DNSName
  public let type: DNSType

  /// nil for anything that is not an answer to one question.
  public init?(reading message: ArraySlice<UInt8>) {
    var scanner = DNSScanner(message)
    guard let id = scanner.word(), let flags = scanner.word(), flags & 0x8000 != 0, scanner.word() == 1,
      scanner.skip(6), let name = scanner.name(), let type = scanner.word(), scanner.word() != nil
    else { return nil }
    self.id = id
    code = UInt8(flags & 15)
    isTruncated = flags & 0x0200 != 0
    self.name = name
    self.type = DNSType(rawValue: type)
  }

  /// Whether it answers this question, the id apart.
  public func answers(_ query: DNSQuery) -> Bool { type == query.type && name.labels == query.name.labels }
}
