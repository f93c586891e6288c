import EngineErrors
import Linux
import PathPatterns

/// Where the Dockerfile's text comes from.
enum DockerfileSource {
  /// The text, and the context as COPY sees it: a Dockerfile or .dockerignore that the latter excludes was sent only
  /// for the builder. Blocks for two small files.
  static func read(_ options: BuildOptions, _ context: ContextDirectory) throws -> (String, ContextDirectory)
  {
    let root = try FileDescriptor.open(context.path, [.directory])
    let path = SlashPath.clean("/" + options.dockerfile)
    let text = try options.dockerfileText ?? self.text(of: path, in: root, named: options.dockerfile)
    if text.utf8.allSatisfy({ $0 == 0x20 || ($0 >= 9 && $0 <= 13) }) {
      throw EngineError(.invalidArgument, "the Dockerfile (\(options.dockerfile)) cannot be empty")
    }
    guard !options.contextIsFiltered,
      try root.statusInside(".dockerignore", followLast: true)?.kind == .regular
    else {
      return (text, context)
    }
    let ignore = IgnoreFile(try self.text(of: "/.dockerignore", in: root, named: ".dockerignore"))
    // A pattern that is not well formed was the client's to report; here it excludes nothing.
    guard let patterns = try? PathPatterns(ignore.lines.map(\.pattern)) else { return (text, context) }
    var digests = context.digests
    for name in [".dockerignore", String(path.dropFirst())] where patterns.cover(name) {
      try Files.unlink("\(context.path)/\(name)")
      digests[name] = nil
    }
    return (text, ContextDirectory(path: context.path, digests: digests))
  }

  private static func text(of path: String, in root: borrowing FileDescriptor, named name: String) throws
    -> String
  {
    guard let status = try root.statusInside(path, followLast: true) else {
      throw EngineError(.invalidArgument, "Cannot locate specified Dockerfile: \(name)")
    }
    guard status.kind == .regular else { throw EngineError(.invalidArgument, "\(name) is not a file") }
    guard status.size <= 4 << 20 else { throw EngineError(.invalidArgument, "\(name) is too large") }
    return String(decoding: try root.open(inside: path, [.readOnly]).readToEnd(), as: UTF8.self)
  }
}
