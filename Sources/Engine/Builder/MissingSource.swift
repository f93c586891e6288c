import EngineErrors
import Linux
import PathPatterns

/// Says that a source of COPY is not there, and what may have been meant.
struct MissingSource {
  let keyword: String
  let source: String
  let tree: SourceTree
  let isContext: Bool

  var error: EngineError {
    let stat = "stat \(source): file does not exist"
    guard isContext else { return EngineError(.invalidArgument, "\(keyword) failed: \(stat)") }
    return EngineError(
      .invalidArgument,
      "\(keyword) failed: file not found in build context or excluded by .dockerignore: \(stat)"
        + (ignored ?? meant ?? ""))
  }

  /// The line of .dockerignore that keeps the file out. Unreadable files explain nothing.
  private var ignored: String? {
    guard let root = try? FileDescriptor.open(tree.path, [.directory]),
      let bytes = try? root.open(inside: ".dockerignore", [.readOnly, .nonBlocking]).readToEnd()
    else { return nil }
    let lines = IgnoreFile(String(decoding: bytes, as: UTF8.self)).lines
    // Patterns that are not well formed were the client's to report.
    guard let index = (try? PathPatterns(lines.map(\.pattern)))?.deciding(source) else { return nil }
    return " (excluded by .dockerignore line \(lines[index].number): \(lines[index].pattern))"
  }

  /// A name in the same directory that differs in letter case or by a slip.
  private var meant: String? {
    let parent = SlashPath.directory(source)
    // Without the directory there is nothing to choose from.
    guard let root = try? FileDescriptor.open(tree.path, [.directory]),
      let names = try? root.directoryInside(parent).entries().map(\.name)
    else { return nil }
    let wanted = SlashPath.base(source).lowercased()
    guard let near = names.first(where: { $0.lowercased() == wanted }) else { return nil }
    return " (did you mean \(parent == "." ? near : "\(parent)/\(near)")?)"
  }
}
