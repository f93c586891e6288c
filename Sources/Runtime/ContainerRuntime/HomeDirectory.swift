import Linux

/// A user's home, by the passwd file of the calling process's root.
enum HomeDirectory {
  /// `/` where the user is not listed.
  static func of(_ uid: UInt32) -> String {
    // An image without a passwd file is usual.
    guard let file = try? FileDescriptor.open("/etc/passwd", .nonBlocking),
      // It may be anything: a pipe, a device, a file without end.
      let status = try? file.status(), status.kind == .regular,
      let text = try? file.read(upTo: Int(clamping: min(status.size, 1 << 20)))
    else {
      return "/"
    }
    return find(uid, in: text) ?? "/"
  }

  static func find(_ uid: UInt32, in passwd: [UInt8]) -> String? {
    for line in passwd.split(separator: UInt8(ascii: "\n")) {
      let fields = line.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false)
      guard fields.count >= 6, UInt32(String(decoding: fields[2], as: UTF8.self)) == uid else { continue }
      let home = String(decoding: fields[5], as: UTF8.self)
      return home.isEmpty ? nil : home
    }
    return nil
  }
}
