import Linux

/// Looks for the last lines of a file from its end.
enum LogTail {
  private static let portion: Int64 = 65536

  /// The offset at which the last `count` lines begin; where the file has fewer, 0 and how many it has.
  static func find(_ count: Int, in file: borrowing FileDescriptor) throws(SyscallError) -> (
    offset: Int64, lines: Int
  ) {
    var end = try file.sizeAndIdentity().size
    if count == 0 { return (end, 0) }
    var lines = 0
    while end > 0 {
      let start = max(0, end - portion)
      let bytes = try file.read(at: start, upTo: Int(end - start))
      for index in bytes.indices.reversed() where bytes[index] == UInt8(ascii: "\n") {
        // The newline before the wanted lines is one more than they have, because the last line has one too.
        if lines == count { return (start + Int64(index) + 1, count) }
        lines += 1
      }
      end = start
    }
    return (0, lines)
  }
}
