import Linux

/// Rotated logs in gzip files. Their comment says which file they were made from, so that a reader who has read that
/// one knows them.
public enum LogPacking {
  static let suffix = ".gz"

  /// Where it is written until it is whole.
  static func aside(_ path: String) -> String { "\(path)\(suffix).new" }

  /// Puts `PATH.gz` in place of `path`. A crash in between leaves the file, or both; then the plain one counts.
  public static func pack(_ path: String) throws(SyscallError) {
    let source = try FileDescriptor.open(path, OpenFlags.readOnly)
    let identity = try source.sizeAndIdentity().identity
    let aside = aside(path)
    try Files.unlink(aside)
    let target = try FileDescriptor.open(aside, [.writeOnly, .create, .exclusive], mode: 0o640)
    do throws(SyscallError) {
      try target.write(header(identity))
      try copy(from: source, to: target)
      try Files.rename(aside, to: path + suffix)
    } catch {
      try Files.unlink(aside)
      throw error
    }
    try Files.unlink(path)
  }

  private static func copy(
    from source: borrowing FileDescriptor, to target: borrowing FileDescriptor
  ) throws(SyscallError) {
    var deflate = Deflate()
    var checksum = GzipChecksum()
    var length: UInt32 = 0
    while true {
      let portion = try read(source)
      checksum.update(portion)
      length &+= UInt32(truncatingIfNeeded: portion.count)
      let isLast = portion.count < Deflate.portion
      deflate.append(portion, isLast: isLast)
      try target.write(deflate.take())
      if isLast { break }
    }
    var trailer: [UInt8] = []
    for value in [checksum.value, length] {
      for shift in [0, 8, 16, 24] as [UInt32] { trailer.append(UInt8(truncatingIfNeeded: value >> shift)) }
    }
    try target.write(trailer)
  }

  /// A whole portion, or less at the end of the file.
  private static func read(_ source: borrowing FileDescriptor) throws(SyscallError) -> [UInt8] {
    var portion: [UInt8] = []
    while portion.count < Deflate.portion {
      let some = try source.read(upTo: Deflate.portion - portion.count)
      if some.isEmpty { break }
      portion += some
    }
    return portion
  }

  /// RFC 1952, 2.3: a comment, no time, made on Unix.
  private static func header(_ identity: FileIdentity) -> [UInt8] {
    [0x1f, 0x8b, 8, 0x10, 0, 0, 0, 0, 0, 3] + Array("\(identity.device):\(identity.inode)".utf8) + [0]
  }

  /// The file that a packed one was made from; nil where it was not made here.
  static func origin(of file: borrowing FileDescriptor) throws(SyscallError) -> (
    identity: FileIdentity, headerSize: Int
  )? {
    let start = try file.read(at: 0, upTo: 64)
    guard start.starts(with: [0x1f, 0x8b, 8, 0x10]), let end = start.dropFirst(10).firstIndex(of: 0) else {
      return nil
    }
    let numbers = String(decoding: start[10..<end], as: UTF8.self).split(separator: ":").compactMap {
      UInt64($0)
    }
    guard numbers.count == 2 else { return nil }
    return (FileIdentity(device: numbers[0], inode: numbers[1]), end + 1)
  }

  /// The contents, in a file without a name in `directory`. What is garbled ends it early.
  static func unpack(_ file: borrowing FileDescriptor, _ directory: String) throws(SyscallError)
    -> FileDescriptor
  {
    let target = try FileDescriptor.open(directory, [.unnamed, .readWrite], mode: 0o600)
    guard let (_, headerSize) = try origin(of: file) else { return target }
    var inflate = Inflate()
    var offset = Int64(headerSize)
    while true {
      // A block is never longer than nine bits for each of its bytes.
      while inflate.available < Deflate.portion / 8 * 9 + 64 {
        let some = try file.read(at: offset, upTo: Deflate.portion)
        if some.isEmpty { break }
        offset += Int64(some.count)
        inflate.append(some)
      }
      guard let (bytes, isLast) = try? inflate.block() else { return target }
      try target.write(bytes)
      if isLast { return target }
    }
  }
}
