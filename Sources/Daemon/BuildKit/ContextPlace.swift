import EngineErrors

/// Where a build's Dockerfile and files come from.
struct ContextPlace: Sendable {
  enum Files: Sendable {
    /// A directory that the client lends.
    case directory(String)
    /// A git repository or archive that the engine fetches.
    case remote(String)
    /// An archive that the client holds ready under a path.
    case archive(path: String)
    /// An archive that comes by a request of its own.
    case request(@Sendable () async throws -> [UInt8]?)
  }

  var files: Files
  /// The path of the Dockerfile.
  var dockerfile: String
  /// The client's directory that has the Dockerfile; nil where it is among the files.
  var dockerfileDirectory: String?

  /// Where clients say that they hold an archive themselves.
  private static let sessionArchive = "http://buildkit-session/"

  /// - Parameters:
  ///   - remote: what stands for the context; nil for a directory.
  ///   - directory: the names under which the client lends its directories, where it says so.
  init(dockerfile: String, remote: String?, directory: String?, dockerfileDirectory: String?) {
    self.dockerfile = dockerfile
    switch remote {
    case nil:
      files = .directory(directory ?? "context")
      self.dockerfileDirectory = dockerfileDirectory ?? "dockerfile"
    case let remote? where remote.hasPrefix(Self.sessionArchive):
      files = .archive(path: String(remote.dropFirst(Self.sessionArchive.count - 1)))
      self.dockerfileDirectory = dockerfileDirectory
    case let remote?:
      files = .remote(remote)
      self.dockerfileDirectory = dockerfileDirectory
    }
  }
}
