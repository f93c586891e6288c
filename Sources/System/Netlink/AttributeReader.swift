/// The attributes of a message from the kernel, by type; what is cut short is left out.
struct AttributeReader {
  private var attributes: [UInt16: ArraySlice<UInt8>] = [:]

  init(_ bytes: ArraySlice<UInt8>) {
    var rest = bytes
    while rest.count >= 4 {
      let length = Int(rest.load(UInt16.self, at: 0) ?? 0)
      guard length >= 4, length <= rest.count else { return }
      let type = (rest.load(UInt16.self, at: 2) ?? 0) & 0x3fff
      attributes[type] = rest.dropFirst(4).prefix(length - 4)
      rest = rest.dropFirst((length + 3) & ~3)
    }
  }

  func bytes(_ type: UInt16) -> [UInt8]? { attributes[type].map(Array.init) }

  func number<Number: FixedWidthInteger>(_ type: UInt16, as: Number.Type = Number.self) -> Number? {
    attributes[type].flatMap { $0.load(Number.self, at: 0) }
  }

  func text(_ type: UInt16) -> String? {
    attributes[type].map { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  func nested(_ type: UInt16) -> AttributeReader? { attributes[type].map(AttributeReader.init) }
}

extension ArraySlice<UInt8> {
  /// The number in host byte order at an offset from the slice's beginning; nil where the bytes do not suffice.
  func load<Number: FixedWidthInteger>(_ type: Number.Type, at offset: Int) -> Number? {
    guard offset >= 0, count >= offset + MemoryLayout<Number>.size else { return nil }
    return withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: type) }
  }
}
