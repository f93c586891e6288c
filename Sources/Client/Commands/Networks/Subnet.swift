/// A range of addresses as `10.0.0.0/24` or `fd00::/64`; just enough to know what lies in it.
struct Subnet {
  private let bytes: [UInt8]
  private let length: Int

  init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = Int(parts[1]), let bytes = Self.bytes(String(parts[0])),
      (0...bytes.count * 8).contains(length)
    else { return nil }
    self.bytes = bytes
    self.length = length
  }

  func holds(_ address: String) -> Bool {
    Self.bytes(address).map { agrees($0, on: length) } ?? false
  }

  /// Whether some address lies in both.
  func overlaps(_ other: Subnet) -> Bool { agrees(other.bytes, on: min(length, other.length)) }

  private func agrees(_ other: [UInt8], on length: Int) -> Bool {
    guard other.count == bytes.count else { return false }
    return (0..<length).allSatisfy { bit in
      let mask = UInt8(128) >> UInt8(bit % 8)
      return bytes[bit / 8] & mask == other[bit / 8] & mask
    }
  }

  /// The address in network order: 4 or 16 bytes.
  static func bytes(_ text: String) -> [UInt8]? {
    guard text.contains(":") else {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false).compactMap { UInt8($0) }
      return parts.count == 4 && text.split(separator: ".", omittingEmptySubsequences: false).count == 4
        ? parts : nil
    }
    let halves = halves(text)
    guard let front = words(halves.0), let back = words(halves.1 ?? "") else { return nil }
    let missing = 8 - front.count - back.count
    guard halves.1 == nil ? missing == 0 : missing >= 0 else { return nil }
    return (front + [UInt16](repeating: 0, count: missing) + back).flatMap {
      [UInt8($0 >> 8), UInt8($0 & 255)]
    }
  }

  /// What stands before and after `::`; nil without one.
  private static func halves(_ text: String) -> (String, String?) {
    let letters = Array(text)
    for place in letters.indices.dropLast() where letters[place] == ":" && letters[place + 1] == ":" {
      return (String(letters[..<place]), String(letters[(place + 2)...]))
    }
    return (text, nil)
  }

  private static func words(_ text: String) -> [UInt16]? {
    if text.isEmpty { return [] }
    var words: [UInt16] = []
    for part in text.split(separator: ":", omittingEmptySubsequences: false) {
      guard part.count <= 4, let word = UInt16(part, radix: 16) else { return nil }
      words.append(word)
    }
    return words
  }
}
