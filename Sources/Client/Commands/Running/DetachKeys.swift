/// The keys that detach from a container, and looking for them in what is typed.
struct DetachKeys: Sendable {
  static let standard: [UInt8] = [16, 17]

  private let sequence: [UInt8]
  private var matched = 0

  init(_ sequence: [UInt8]) { self.sequence = sequence }

  /// Reads `ctrl-p,ctrl-q` or single letters; nil when it is neither. Empty is the standard.
  static func parse(_ text: String) -> [UInt8]? {
    if text.isEmpty { return standard }
    var keys: [UInt8] = []
    for word in text.split(separator: ",", omittingEmptySubsequences: false) {
      if word == "DEL" {
        keys.append(127)
      } else if word.utf8.count == 1, let key = word.utf8.first {
        keys.append(key)
      } else if word.hasPrefix("ctrl-"), word.utf8.count == 6, let key = word.utf8.last,
        let control = control(key)
      {
        keys.append(control)
      } else {
        return nil
      }
    }
    return keys
  }

  private static func control(_ key: UInt8) -> UInt8? {
    switch key {
    case 97...122: key - 96
    case 64: 0
    case 91...95: key - 64
    default: nil
    }
  }

  /// What of the bytes to pass on; whether the sequence is complete. Its beginning is held back until it is sure
  /// that it goes on otherwise.
  mutating func feed(_ bytes: [UInt8]) -> (passed: [UInt8], detached: Bool) {
    guard !sequence.isEmpty else { return (bytes, false) }
    var passed: [UInt8] = []
    for byte in bytes {
      if byte == sequence[matched] {
        matched += 1
        if matched == sequence.count { return (passed, true) }
        continue
      }
      passed += sequence[..<matched]
      matched = byte == sequence[0] ? 1 : 0
      if matched == 0 { passed.append(byte) }
    }
    return (passed, false)
  }
}
