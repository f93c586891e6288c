/// A domain name as it stands in a message: labels, each with its length before it, and a zero (RFC 1035, 3.1).
public struct DNSName: Hashable, Sendable {
  /// At most 255 bytes, the final zero included.
  public let wire: [UInt8]

  init(wire: [UInt8]) { self.wire = wire }

  /// From `a.b.c`, with or without a dot at the end; nil where a label is empty or above 63 bytes, or all above 255.
  public init?(_ text: String) {
    var wire: [UInt8] = []
    let trimmed = text.hasSuffix(".") ? text.dropLast() : text[...]
    if !trimmed.isEmpty {
      for label in trimmed.split(separator: ".", omittingEmptySubsequences: false) {
        let bytes = label.utf8
        guard (1...63).contains(bytes.count) else { return nil }
        wire.append(UInt8(bytes.count))
        wire += bytes
      }
    }
    wire.append(0)
    guard wire.count <= 255 else { return nil }
    self.wire = wire
  }

  /// Its labels in lower case, because names are the same in any (RFC 4343).
  public var labels: [String] {
    var labels: [String] = []
    var index = 0
    while index < wire.count, wire[index] != 0 {
      let end = index + 1 + Int(wire[index])
      labels.append(String(decoding: wire[(index + 1)..<end].map(lowercased), as: UTF8.self))
      index = end
    }
    return labels
  }

  /// Labels in lower case joined by dots, without a dot at the end.
  public var text: String { labels.joined(separator: ".") }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte + 32 : byte
}
