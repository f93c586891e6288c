import Archive
import Synchronization

/// Telling an archive from a Dockerfile by how it begins.
enum ArchiveStart {
  /// Tar, or tar compressed by gzip, bzip2, xz or zstd.
  static func isArchive(_ start: [UInt8]) -> Bool {
    let signs: [[UInt8]] = [
      [0x1F, 0x8B], [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x28, 0xB5, 0x2F, 0xFD],
    ]
    if signs.contains(where: { start.starts(with: $0) }) { return true }
    return start.count >= 262 && Array(start[257..<262]) == Array("ustar".utf8)
  }

  /// A context that holds a Dockerfile and nothing else.
  static func archive(of dockerfile: String) -> [UInt8] {
    let source = TarSource([.init(TarEntry("Dockerfile", .file, mode: 0o644), Array(dockerfile.utf8))])
    var bytes: [UInt8] = []
    // Contents in memory are always read; an empty piece is the end.
    while let piece = try? source.read(upTo: 1 << 16), !piece.isEmpty { bytes += piece }
    return bytes
  }

  /// Bytes that are handed out one time.
  final class Once: Sendable {
    private let bytes: Mutex<[UInt8]?>
    init(_ bytes: [UInt8]) { self.bytes = Mutex(bytes) }
    func take() -> [UInt8]? {
      bytes.withLock { bytes in
        defer { bytes = nil }
        return bytes
      }
    }
  }
}
