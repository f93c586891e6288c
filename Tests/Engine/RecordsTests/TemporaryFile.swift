import Linux

/// A path of its own under /tmp, removed with its companions at the end of the test.
final class TemporaryFile {
  let path = "/tmp/skiff-records-\(UInt64.random(in: 0 ... .max))"

  func write(_ bytes: [UInt8]) throws { try Files.write(path, bytes) }
  func read() throws -> [UInt8] { try Files.read(path) }

  deinit {
    // What cannot be removed from /tmp does not fail a test that has already ended.
    for end in ["", "-wal", "-shm", ".reserve"] { try? Files.unlink(path + end) }
  }
}
