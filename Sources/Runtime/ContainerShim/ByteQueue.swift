import Linux

/// Bytes on their way to a descriptor that takes them when it likes.
struct ByteQueue {
  private var chunks: [ArraySlice<UInt8>] = []
  private(set) var count = 0

  var isEmpty: Bool { count == 0 }

  mutating func append(_ bytes: some Collection<UInt8>) {
    if bytes.isEmpty { return }
    chunks.append(Array(bytes)[...])
    count += bytes.count
  }

  mutating func removeAll() {
    chunks = []
    count = 0
  }

  /// Hands over as much as `write` takes (it answers how much, and throws EAGAIN when no more); how much that was.
  mutating func drain(_ write: (ArraySlice<UInt8>) throws(SyscallError) -> Int) throws(SyscallError) -> Int {
    let before = count
    while let first = chunks.first {
      let taken: Int
      do throws(SyscallError) {
        taken = try write(first)
      } catch  where error.errno == .wouldBlock {
        break
      }
      count -= taken
      if taken == first.count {
        chunks.removeFirst()
      } else {
        chunks[0] = first.dropFirst(taken)
      }
    }
    return before - count
  }
}
