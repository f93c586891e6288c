import Linux

/// Space kept free for the database, so that on a full disk there still is room to record that something has gone.
struct Reserve: ~Copyable {
  /// As much as some hundred small changes take in the write-ahead log.
  static let size: Int64 = 512 << 10

  private let path: String
  private var isThere = false

  init(beside database: String) {
    path = "\(database).reserve"
    isThere = Files.exist(path)
  }

  /// Takes the space where there is some; on a full disk a later call may have better luck.
  mutating func fill() {
    guard !isThere else { return }
    do throws(SyscallError) {
      try FileDescriptor.open(path, [.writeOnly, .create], mode: 0o600).allocate(Self.size)
      isThere = true
    } catch {
      // Half of it is of no use, and in the way of others. What cannot be removed is not there.
      try? Files.unlink(path)
    }
  }

  /// Gives the space back; false where there was none.
  mutating func release() -> Bool {
    guard isThere else { return false }
    isThere = false
    // What cannot be removed is of no use here.
    return (try? Files.unlink(path)) != nil
  }
}
