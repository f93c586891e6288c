import Compression
import Linux

/// Writes down a layer's archive without the files' contents, which the layer's directory holds already: with it the
/// archive can be given back to the byte, whoever wrote it. 100 bytes a file after compression.
///
///     record   = framing | contents
///     framing  = 0  length u32  bytes             (headers, padding, the end)
///     contents = 1  size u64  length u16  path    (the file at path, from the layer's root)
///
/// Numbers are little endian; the whole is one Zstandard frame.
final class FrameRecorder {
  private let file: OpenDirectory
  private let writer: ZstdWriter
  private var pending: [UInt8] = []

  init(_ file: consuming FileDescriptor) {
    let file = OpenDirectory(file)
    self.file = file
    writer = ZstdWriter { try file.descriptor.writeAll($0) }
  }

  func framing(_ bytes: UnsafeRawBufferPointer) throws {
    pending += bytes
    if pending.count >= 1 << 16 { try flush() }
  }

  func contents(of path: [UInt8], size: UInt64) throws {
    try flush()
    var record: [UInt8] = [1]
    record.append(littleEndian: size)
    record.append(littleEndian: UInt16(path.count))
    record += path
    try record.withUnsafeBytes(writer.write)
  }

  /// Writes what is left; afterwards the file is whole.
  func finish() throws {
    try flush()
    try writer.finish()
  }

  private func flush() throws {
    guard !pending.isEmpty else { return }
    var record: [UInt8] = [0]
    record.append(littleEndian: UInt32(pending.count))
    try record.withUnsafeBytes(writer.write)
    try pending.withUnsafeBytes(writer.write)
    pending.removeAll(keepingCapacity: true)
  }
}

extension [UInt8] {
  fileprivate mutating func append(littleEndian value: some FixedWidthInteger) {
    Swift.withUnsafeBytes(of: value.littleEndian) { self += $0 }
  }
}
