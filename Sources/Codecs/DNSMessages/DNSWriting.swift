/// The data of one record in an answer; all have the name that was asked for.
public enum DNSData: Equatable, Sendable {
  /// 4 or 16 bytes.
  case address([UInt8])
  case pointer(DNSName)

  var type: DNSType {
    switch self {
    case .address(let bytes): bytes.count == 4 ? .a : .aaaa
    case .pointer: .ptr
    }
  }

  var bytes: [UInt8] {
    switch self {
    case .address(let bytes): bytes
    case .pointer(let name): name.wire
    }
  }
}

/// Answers as bytes.
public enum DNSAnswer {
  static let headerSize = 12

  /// An answer of at most `limit` bytes: what does not fit is left out, and the client told to ask by TCP.
  /// `lifetime`: seconds for which it may be remembered.
  public static func encode(
    to query: DNSQuery, _ code: DNSCode = .noError, _ records: [DNSData] = [], lifetime: UInt32 = 0,
    limit: Int
  ) -> [UInt8] {
    var message = header(id: query.id, code, recursionDesired: query.recursionDesired)
    message[5] = 1
    message += query.name.wire
    append(query.type.rawValue, to: &message)
    append(query.recordClass, to: &message)
    let edns: [UInt8] = query.payloadSize == nil ? [] : [0, 0, 41, 0x10, 0, 0, 0, 0, 0, 0, 0]
    var count: UInt16 = 0
    for record in records {
      let data = record.bytes
      guard message.count + 12 + data.count + edns.count <= limit, count < UInt16.max else {
        message[2] |= 2
        break
      }
      // The name is that of the question, 12 bytes into the message.
      message += [0xc0, 12]
      append(record.type.rawValue, to: &message)
      append(1, to: &message)
      append(UInt16(truncatingIfNeeded: lifetime >> 16), to: &message)
      append(UInt16(truncatingIfNeeded: lifetime), to: &message)
      append(UInt16(data.count), to: &message)
      message += data
      count += 1
    }
    message[6] = UInt8(count >> 8)
    message[7] = UInt8(truncatingIfNeeded: count)
    message[11] = edns.isEmpty ? 0 : 1
    return message + edns
  }

  /// An answer to what could not be read: a header alone.
  public static func refusal(id: UInt16, _ code: DNSCode) -> [UInt8] {
    header(id: id, code, recursionDesired: false)
  }

  private static func header(id: UInt16, _ code: DNSCode, recursionDesired: Bool) -> [UInt8] {
    // Answer, recursion available.
    [UInt8(id >> 8), UInt8(truncatingIfNeeded: id), recursionDesired ? 0x81 : 0x80, 0x80 | code.rawValue]
      + [UInt8](repeating: 0, count: 8)
  }

  private static func append(_ word: UInt16, to message: inout [UInt8]) {
    message.append(UInt8(word >> 8))
    message.append(UInt8(truncatingIfNeeded: word))
  }
}

extension DNSQuery {
  /// Puts an id into a message of at least a header; others stay as they are.
  public static func replaceID(_ id: UInt16, in message: inout [UInt8]) {
    guard message.count >= DNSAnswer.headerSize else { return }
    message[0] = UInt8(id >> 8)
    message[1] = UInt8(truncatingIfNeeded: id)
  }
}
