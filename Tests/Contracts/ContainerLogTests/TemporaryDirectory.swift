import Linux

/// A directory that goes away with the test.
final class TemporaryDirectory {
  let path = "/tmp/skiff-log-\(UInt64.random(in: 0 ... .max))"
  init() throws { try Files.makeDirectories(path) }
  // A directory that stays behind is no reason to fail a test.
  deinit { try? Files.removeTree(path) }
}
