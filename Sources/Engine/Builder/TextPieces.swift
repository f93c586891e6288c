import Synchronization

/// Bytes of a process' output as text: a character that is cut by the end of a piece waits for the next.
final class TextPieces: Sendable {
  private let waiting = Mutex<[Bool: [UInt8]]>([:])

  /// The text that is complete now; standard and error output are two streams.
  func text(_ bytes: [UInt8], isError: Bool) -> String {
    waiting.withLock { waiting in
      let all = (waiting[isError] ?? []) + bytes
      let kept = Self.unfinished(all)
      waiting[isError] = Array(all.suffix(kept))
      return String(decoding: all.dropLast(kept), as: UTF8.self)
    }
  }

  /// How many bytes at the end begin a character that is not whole.
  private static func unfinished(_ bytes: [UInt8]) -> Int {
    for back in 1...3 where back <= bytes.count {
      let byte = bytes[bytes.count - back]
      if byte & 0xc0 == 0x80 { continue }
      let length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1
      return length > back ? back : 0
    }
    return 0
  }
}
