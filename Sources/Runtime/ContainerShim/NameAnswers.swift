import DNSMessages

/// What to do about a question: pure, but for the turn of addresses.
struct NameAnswers {
  enum Decision: Equatable {
    case answer([UInt8])
    case forward
  }

  /// Seconds for which an answer may be remembered; replicas come and go.
  static let lifetime: UInt32 = 5

  private var turn = 0

  /// Answers about known names and addresses; everything else is for an upstream. `limit`: the longest answer in bytes.
  mutating func decide(_ query: DNSQuery, _ table: NameTable, limit: Int) -> Decision {
    guard query.recordClass == 1 else { return .forward }
    if query.type == .ptr {
      guard let address = ReverseName.address(of: query.name), let text = table.name(of: address),
        let name = DNSName(text)
      else { return .forward }
      return .answer(encode(query, [.pointer(name)], limit))
    }
    guard let all = table.addresses(of: query.name.text) else { return .forward }
    let wanted =
      switch query.type {
      case .a: all.filter { $0.count == 4 }
      case .aaaa: all.filter { $0.count == 16 }
      case .any: all
      default: [[UInt8]]()
      }
    return .answer(encode(query, rotated(wanted).map(DNSData.address), limit))
  }

  private func encode(_ query: DNSQuery, _ records: [DNSData], _ limit: Int) -> [UInt8] {
    DNSAnswer.encode(to: query, .noError, records, lifetime: Self.lifetime, limit: limit)
  }

  /// Another address comes first every time, so that clients which take the first one spread.
  private mutating func rotated(_ addresses: [[UInt8]]) -> [[UInt8]] {
    guard addresses.count > 1 else { return addresses }
    turn &+= 1
    let first = turn % addresses.count
    return Array(addresses[first...] + addresses[..<first])
  }
}
