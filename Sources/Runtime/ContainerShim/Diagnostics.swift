import Linux

/// What has no client to be told: to standard error, which is a file beside the container.
enum Diagnostics {
  static func say(_ text: String) {
    // Nothing is left to tell that this could not be told.
    _ = try? borrow(2) { file throws(SyscallError) in try file.write(Array("skiff-shim: \(text)\n".utf8)) }
  }
}
