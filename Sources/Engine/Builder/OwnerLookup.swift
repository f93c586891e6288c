import EngineErrors
import Linux

/// `--chown=user:group`: names are looked up in the image's own files.
enum OwnerLookup {
  /// Longer files are not read to the end.
  private static let longest = 4 << 20

  /// Blocks. `image` is the directory that shows the image's files.
  static func owner(_ text: String, image: String) throws -> FileOwner {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let user = parts.first ?? ""
    let uid: UInt32
    if let number = UInt32(user) {
      uid = number
    } else if let found = try entry(user, in: "/etc/passwd", of: image) {
      uid = found
    } else {
      throw EngineError(
        .invalidArgument,
        "unable to convert uid/gid chown string to host mapping: can't find uid for user \(user): no such user: \(user)"
      )
    }
    // The group of the same number or name as the user, as docker has it.
    guard parts.count > 1, !parts[1].isEmpty else {
      return FileOwner(uid: uid, gid: try UInt32(user) ?? entry(user, in: "/etc/group", of: image) ?? uid)
    }
    if let number = UInt32(parts[1]) { return FileOwner(uid: uid, gid: number) }
    guard let gid = try entry(parts[1], in: "/etc/group", of: image) else {
      throw EngineError(
        .invalidArgument,
        "unable to convert uid/gid chown string to host mapping: can't find gid for group \(parts[1]): no such group: \(parts[1])"
      )
    }
    return FileOwner(uid: uid, gid: gid)
  }

  /// The number in the third field of the line that `name` begins.
  private static func entry(_ name: String, in path: String, of image: String) throws -> UInt32? {
    let root = try FileDescriptor.open(image, [.directory])
    guard let status = try root.statusInside(path, followLast: true), status.kind == .regular,
      status.size <= longest
    else {
      return nil
    }
    let text = String(decoding: try root.open(inside: path, [.readOnly]).readToEnd(), as: UTF8.self)
    for line in text.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count > 2, fields[0] == name { return UInt32(fields[2]) }
    }
    return nil
  }
}
