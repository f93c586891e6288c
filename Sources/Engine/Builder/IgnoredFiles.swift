import EngineErrors
import Linux
import PathPatterns

extension ContextDirectory {
  /// Removes what `.dockerignore` excludes, as a client does that sends a context; the Dockerfile and the ignore file
  /// itself stay for the builder. Blocks.
  func removeIgnored(besides dockerfile: String) throws {
    let root = try FileDescriptor.open(path, [.directory])
    let file = String(SlashPath.clean("/" + dockerfile).dropFirst())
    for name in ["\(file).dockerignore", ".dockerignore"]
    where try root.statusInside("/" + name, followLast: true)?.kind == .regular {
      let patterns = try Self.patterns(try root.open(inside: name, [.readOnly]), name)
      _ = try IgnoredFiles(patterns: patterns, kept: [file, ".dockerignore"]).remove(
        below: root, "", nil, depth: 0)
      return
    }
  }

  private static func patterns(_ file: borrowing FileDescriptor, _ name: String) throws -> PathPatterns {
    guard try file.status().size <= 4 << 20 else {
      throw EngineError(.invalidArgument, "\(name) is too large")
    }
    let lines = IgnoreFile(String(decoding: try file.readToEnd(), as: UTF8.self)).lines
    return try failing(.invalidArgument, "error parsing \(name)") { try PathPatterns(lines.map(\.pattern)) }
  }
}

/// What a context has and shall not have.
private struct IgnoredFiles {
  let patterns: PathPatterns
  /// Paths that stay whatever the patterns say.
  let kept: [String]

  /// Says whether something is left in the directory.
  func remove(
    below directory: borrowing FileDescriptor, _ path: String, _ covered: PathPatterns.Covered?, depth: Int
  ) throws -> Bool {
    guard depth < 256 else {
      throw EngineError(.invalidArgument, "directories are nested too deeply: \(path)")
    }
    var isEmpty = true
    for entry in try directory.entries() {
      let below = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
      let (deciding, inherited) = patterns.walk(below, below: covered)
      let isExcluded = deciding != nil && !kept.contains(below)
      var stays = !isExcluded
      let holdsKept = kept.contains { $0.hasPrefix(below + "/") }
      if entry.isDirectory, !isExcluded || patterns.takesBack || holdsKept {
        let child = try directory.open(at: entry.name, [.directory, .noFollow])
        let holds = try remove(below: child, below, inherited, depth: depth + 1)
        stays = stays || holds
      }
      if !stays { try Files.removeTree("\(directory.procPath)/\(entry.name)") }
      isEmpty = isEmpty && !stays
    }
    return !isEmpty
  }
}
