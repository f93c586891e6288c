import Linux

/// Paths on the machine where the command runs.
enum HostPath {
  /// From the root, without `.`, `..` and doubled slashes.
  static func absolute(_ path: String) -> String {
    clean(path.hasPrefix("/") ? path : "\(workingDirectory)/\(path)")
  }

  /// Where the command was called; the root when that directory is gone.
  private static var workingDirectory: String {
    // A deleted working directory has no path.
    (try? Files.currentDirectory()) ?? ""
  }

  /// A path from the root without `.`, `..` and doubled slashes.
  static func clean(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == ".." { _ = parts.popLast() } else { parts.append(part) }
    }
    return "/" + parts.joined(separator: "/")
  }

  /// The last part of a path.
  static func name(_ path: String) -> String { path.split(separator: "/").last.map(String.init) ?? "/" }

  /// All but the last part.
  static func parent(_ path: String) -> String {
    let parts = path.split(separator: "/").dropLast()
    return path.hasPrefix("/")
      ? "/" + parts.joined(separator: "/") : parts.isEmpty ? "." : parts.joined(separator: "/")
  }
}
