import EngineErrors

/// The keys by which a user leaves a terminal without ending its process: `ctrl-p,ctrl-q`.
struct DetachKeys: Sendable, Equatable {
  private let keys: [UInt8]
  private var matched = 0

  static let standard = DetachKeys(keys: [16, 17])

  private init(keys: [UInt8]) { self.keys = keys }

  /// Letters, `DEL`, or `ctrl-` with a small letter or one of `@[\]^_`, separated by commas; an empty text means the
  /// standard.
  init(_ text: String) throws(EngineError) {
    guard !text.isEmpty else {
      self = .standard
      return
    }
    var keys: [UInt8] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let key = Self.key(part) else {
        throw EngineError(.invalidArgument, "Invalid escape keys (\(text)) provided")
      }
      keys.append(key)
    }
    self.init(keys: keys)
  }

  private static func key(_ text: Substring) -> UInt8? {
    let bytes = Array(text.utf8)
    if bytes.count == 1 { return bytes[0] }
    if text == "DEL" { return 127 }
    guard bytes.count == 6, text.hasPrefix("ctrl-") else { return nil }
    switch bytes[5] {
    case UInt8(ascii: "a")...UInt8(ascii: "z"): return bytes[5] - 96
    case UInt8(ascii: "@"), UInt8(ascii: "["), UInt8(ascii: "\\"), UInt8(ascii: "]"), UInt8(ascii: "^"),
      UInt8(ascii: "_"):
      return bytes[5] - 64
    default: return nil
    }
  }

  /// What of the input goes on to the process, and whether the keys were complete in it. The beginning of the keys
  /// is held back until it is clear that they do not follow.
  mutating func filter(_ input: [UInt8]) -> (passed: [UInt8], isDetached: Bool) {
    var passed: [UInt8] = []
    for byte in input {
      if byte == keys[matched] {
        matched += 1
        if matched == keys.count { return (passed, true) }
        continue
      }
      passed += keys.prefix(matched)
      matched = 0
      if byte == keys[0] { matched = 1 } else { passed.append(byte) }
    }
    return (passed, false)
  }
}
