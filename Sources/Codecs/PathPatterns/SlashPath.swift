/// Slash-separated paths as text: no file system is asked.
public enum SlashPath {
  /// The shortest equal path: no empty or `.` elements, `..` resolved where something stands before it, no slash at
  /// the end; `.` for the empty path (Go's `path.Clean`).
  public static func clean(_ path: String) -> String {
    let rooted = path.utf8.first == slash
    var kept: [Substring] = []
    for element in path.split(separator: "/") where element != "." {
      if element != ".." {
        kept.append(element)
      } else if let last = kept.last, last != ".." {
        kept.removeLast()
      } else if !rooted {
        kept.append(element)
      }
    }
    let joined = kept.joined(separator: "/")
    if rooted { return "/" + joined }
    return joined.isEmpty ? "." : joined
  }

  /// The cleaned path of `second` seen from `first`; an absolute `second` stands alone.
  public static func join(_ first: String, _ second: String) -> String {
    second.utf8.first == slash ? clean(second) : clean(first + "/" + second)
  }

  /// The last element: `c` of `/a/b/c/`, `/` of `/`, `.` of the empty path.
  public static func base(_ path: String) -> String {
    if path.isEmpty { return "." }
    return path.split(separator: "/").last.map(String.init) ?? "/"
  }

  /// Everything before the last element, cleaned: `/a/b` of `/a/b/c`, `.` of `c`.
  public static func directory(_ path: String) -> String {
    guard let last = path.utf8.lastIndex(of: slash) else { return "." }
    return clean(String(path[...last]))
  }

  /// The path seen from a directory above it, both absolute and clean: empty for the directory itself, nil for what is
  /// not in it.
  public static func relative(_ path: String, to directory: String) -> String? {
    if path == directory { return "" }
    let prefix = directory == "/" ? "/" : "\(directory)/"
    return path.hasPrefix(prefix) ? String(path.dropFirst(prefix.count)) : nil
  }

  private static let slash = UInt8(ascii: "/")
}
