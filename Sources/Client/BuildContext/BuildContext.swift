import Archive
import Linux
import PathPatterns

/// A directory as a build sends it: everything that its `.dockerignore` leaves, as a tar stream.
///
/// The Dockerfile and `.dockerignore` are always sent, for the builder reads them.
public struct BuildContext: Sendable {
  /// Where the Dockerfile is.
  public enum DockerfileChoice: Sendable, Hashable {
    /// A path as the user gave it, seen from the working directory; nil is `Dockerfile` in the context.
    case path(String?)
    /// Text from elsewhere, such as standard input.
    case text(String)
  }

  /// The Dockerfile's path in the context, for the `dockerfile` parameter of `POST /build`.
  public let dockerfile: String
  let directory: String
  let patterns: PathPatterns
  /// Files that are sent whatever the patterns say.
  let always: Set<String>
  /// Files that are sent with contents of their own: a Dockerfile from elsewhere, and an ignore file that keeps it
  /// out of the image.
  let extras: [(name: String, contents: [UInt8])]

  /// Checks that the directory and the Dockerfile are there, and reads the ignore file. Blocks.
  public init(directory: String, dockerfile: DockerfileChoice = .path(nil)) throws(BuildContextError) {
    guard Files.isDirectory(directory) else { throw .noSuchDirectory(directory) }
    self.directory = directory
    switch dockerfile {
    case .text(let text):
      self.dockerfile = Self.extraName
      extras = try Self.extras(Array(text.utf8), directory)
    case .path(let path):
      let shown = path ?? "Dockerfile"
      let full = path ?? Self.defaultDockerfile(directory)
      let contents: [UInt8]
      do { contents = try Files.read(full) } catch {
        throw .noDockerfile(shown, reason: "\(error.errno)".lowercasedFirst)
      }
      if let inside = try Self.relative(full, to: directory) {
        self.dockerfile = inside
        extras = []
      } else {
        self.dockerfile = Self.extraName
        extras = try Self.extras(contents, directory)
      }
    }
    var always: Set<String> = [".dockerignore"]
    if extras.isEmpty { always.insert(self.dockerfile) }
    self.always = always
    patterns = try Self.patterns(directory, extras.isEmpty ? self.dockerfile : nil)
  }

  /// `Dockerfile`, or `dockerfile` where only that is there.
  private static func defaultDockerfile(_ directory: String) -> String {
    let usual = SlashPath.join(directory, "Dockerfile")
    let small = SlashPath.join(directory, "dockerfile")
    return !Files.exist(usual) && Files.exist(small) ? small : usual
  }

  private static let extraName = ".dockerfile.skiff"

  private static func extras(_ dockerfile: [UInt8], _ directory: String) throws(BuildContextError) -> [(
    String, [UInt8]
  )] {
    let path = "\(directory)/.dockerignore"
    var ignore = ".dockerignore\n"
    do { if Files.exist(path) { ignore = try Files.text(path) + "\n" } } catch {
      throw .unreadable(error.description)
    }
    return [(".dockerignore", Array("\(ignore)\(extraName)\n".utf8)), (extraName, dockerfile)]
  }

  /// The tar stream. Each call starts over; reading blocks.
  public func source() throws(BuildContextError) -> any ByteSource { try ContextSource(self) }

  /// The tar stream for the body of a request: pieces, then nil.
  public func pieces() throws(BuildContextError) -> @Sendable () async throws -> [UInt8]? {
    try ContextSource(self).pieces()
  }

  /// What a build from the directory leaves out: `<Dockerfile>.dockerignore` beside the Dockerfile counts before
  /// `.dockerignore`.
  public static func patterns(_ directory: String, _ dockerfile: String?) throws(BuildContextError)
    -> PathPatterns
  {
    let names = [dockerfile.map { "\($0).dockerignore" }, ".dockerignore"].compactMap(\.self)
    for name in names where Files.exist("\(directory)/\(name)") {
      let file: IgnoreFile
      do { file = IgnoreFile(try Files.text("\(directory)/\(name)")) } catch {
        throw .unreadable(error.description)
      }
      for line in file.lines {
        do { _ = try PathPatterns([line.pattern]) } catch {
          throw .ignoreFile(path: name, line: line.number, reason: error.reason)
        }
      }
      do { return try PathPatterns(file.lines.map(\.pattern)) } catch {
        throw .ignoreFile(path: name, line: 0, reason: error.reason)
      }
    }
    do { return try PathPatterns([String]()) } catch {
      throw .ignoreFile(path: "", line: 0, reason: error.reason)
    }
  }

  /// The path inside the directory, both taken without links; nil for a file elsewhere.
  private static func relative(_ path: String, to directory: String) throws(BuildContextError) -> String? {
    do {
      let root = try Files.realPath(directory)
      let parent = try Files.realPath(SlashPath.directory(path))
      let file = "\(parent == "/" ? "" : parent)/\(SlashPath.base(path))"
      return SlashPath.relative(file, to: root)
    } catch {
      throw .unreadable(error.description)
    }
  }
}

extension String {
  /// Errors begin with a small letter, as docker prints them.
  fileprivate var lowercasedFirst: String { prefix(1).lowercased() + dropFirst() }
}
