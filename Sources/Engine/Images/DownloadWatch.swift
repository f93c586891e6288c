import Archive
import DockerAPI
import OCISpec

/// Tells how far a download is, four times a megabyte at most and whenever it ends.
final class DownloadWatch: ByteSource, @unchecked Sendable {
  private let inner: any ByteSource
  private let descriptor: Descriptor
  private let progress: @Sendable (ProgressMessage) -> Void
  private var count: Int64 = 0
  private var shown: Int64 = 0

  init(
    _ inner: any ByteSource, _ descriptor: Descriptor,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) {
    self.inner = inner
    self.descriptor = descriptor
    self.progress = progress
  }

  func read(upTo limit: Int) throws -> [UInt8] {
    let bytes = try inner.read(upTo: limit)
    count += Int64(bytes.count)
    if count - shown >= max(1 << 18, descriptor.size / 100) || (bytes.isEmpty && count > shown) {
      shown = count
      progress(.step("Downloading", id: descriptor.digest.short, current: count, total: descriptor.size))
    }
    return bytes
  }
}
