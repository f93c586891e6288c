/// A source cut to measure: exact blocks for headers, pieces as large as they come for contents.
final class TarInput {
  private let source: any ByteSource
  private let framing: ((UnsafeRawBufferPointer) throws -> Void)?
  private var chunk: [UInt8] = []
  private var position = 0
  /// Bytes taken so far.
  private(set) var offset: UInt64 = 0

  init(_ source: any ByteSource, framing: ((UnsafeRawBufferPointer) throws -> Void)?) {
    self.source = source
    self.framing = framing
  }

  /// Between one and `count` bytes; at the end of the source none, where that is allowed.
  func piece(upTo count: UInt64, orNothing: Bool = false) throws -> ArraySlice<UInt8> {
    if position == chunk.count {
      chunk = try source.read(upTo: 1 << 18)
      position = 0
      if chunk.isEmpty {
        guard orNothing else { throw ArchiveError.truncated }
        return []
      }
    }
    let taken = Int(min(count, UInt64(chunk.count - position)))
    defer { position += taken }
    offset += UInt64(taken)
    return chunk[position..<(position + taken)]
  }

  /// Exactly `count` bytes, reported as framing; none at the end of the source, where that is allowed.
  func framed(_ count: Int, orNothing: Bool = false) throws -> ArraySlice<UInt8> {
    guard count > 0 else { return [] }
    var bytes = try piece(upTo: UInt64(count), orNothing: orNothing)
    if bytes.isEmpty { return bytes }
    while bytes.count < count { bytes += try piece(upTo: UInt64(count - bytes.count)) }
    try frame(bytes)
    return bytes
  }

  /// What fills up the last block of contents. Writers that are cut off behind the last entry leave it out.
  func padding(_ count: Int) throws {
    var left = count
    while left > 0 {
      let bytes = try piece(upTo: UInt64(left), orNothing: true)
      if bytes.isEmpty { return }
      left -= bytes.count
      try frame(bytes)
    }
  }

  /// Reports bytes as framing.
  func frame(_ bytes: ArraySlice<UInt8>) throws {
    if let framing { try bytes.withUnsafeBytes(framing) }
  }
}
