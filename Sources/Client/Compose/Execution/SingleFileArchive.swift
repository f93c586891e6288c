import Archive
import JSON

/// A tar stream of one file.
enum SingleFileArchive {
  /// `path` from the root; mode, uid and gid as `use` says, else readable by all and root's.
  static func make(_ path: String, _ content: String, _ use: JSONObject) throws -> [UInt8] {
    let bytes = Array(content.utf8)
    let entry = TarEntry(
      path: Array(path.utf8.drop { $0 == UInt8(ascii: "/") }), kind: .file,
      mode: UInt32(truncatingIfNeeded: use["mode"]?.integer ?? 0o444),
      uid: UInt32(use["uid"]?.string ?? "") ?? 0,
      gid: UInt32(use["gid"]?.string ?? "") ?? 0)
    let source = TarSource([.init(entry, bytes)])
    return try source.readToEnd(limit: bytes.count + (1 << 16))
  }
}
