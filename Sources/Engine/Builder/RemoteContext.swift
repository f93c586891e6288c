import Archive
import DockerAPI
import EngineErrors
import Git
import Linux
import OCISpec
import Reactor

extension Builder {
  /// Builds from a URL: a git repository or a tar archive, plain or compressed, is the context; anything else is the
  /// Dockerfile, alone.
  public func build(
    _ options: BuildOptions, remote: String, progress: @escaping @Sendable (ProgressMessage) async -> Void
  ) async throws -> Digest {
    if GitAddress.isMeant(by: remote) {
      return try await build(options, repository: remote, progress: progress)
    }
    try RemoteContext.check(remote)
    guard let downloader else {
      throw EngineError(
        .notImplemented, "building from a URL is not possible here: there is nobody to fetch it")
    }
    let directory = "\(dataRoot)/tmp/\(Self.prefix)\(UInt64.random(in: 0 ... .max))"
    do {
      try await blocking { () throws(EngineError) in
        try failing(.internal, "make the build directory") {
          try Files.makeDirectory(directory, mode: 0o700)
        }
      }
      let path = "\(directory)/remote"
      var message = ProgressMessage()
      message.stream = "Downloading build context from remote url: \(remote)\n"
      if !options.quiet { await progress(message) }
      _ = try await downloader.download(
        remote, to: path, failure: "error downloading remote context \(remote)")
      let context = try await blocking { () throws(EngineError) in try RemoteContext.open(path, remote) }
      var options = options
      if let text = context.dockerfile { options.dockerfileText = text }
      let id = try await build(options, context: context.source, progress: progress)
      await Self.remove(directory)
      return id
    } catch {
      await Self.remove(directory)
      throw error
    }
  }
}

/// What `remote` led to.
struct RemoteContext {
  var source: any ByteSource
  /// Where the file was no archive: it is this text.
  var dockerfile: String?

  static let mostDockerfile = 4 << 20

  /// Only the web is fetched from.
  static func check(_ remote: String) throws(EngineError) {
    guard remote.hasPrefix("http://") || remote.hasPrefix("https://") else {
      throw EngineError(
        .invalidArgument,
        "remoteURL (\(remote)) could not be recognized as URL: it must be a git repository's or begin with http:// or https://"
      )
    }
  }

  static func open(_ path: String, _ remote: String) throws(EngineError) -> RemoteContext {
    try failing(.internal, "read \(remote)") {
      let file = try FileDescriptor.open(path, [.readOnly])
      if try ArchiveUnpacker.isArchive(file) {
        return RemoteContext(source: DescriptorSource(try file.duplicate()))
      }
      guard try file.status().size <= mostDockerfile else {
        throw EngineError(
          .invalidArgument, "\(remote) is neither a tar archive nor a Dockerfile of at most 4 MiB")
      }
      let text = String(decoding: try file.readToEnd(), as: UTF8.self)
      return RemoteContext(source: NoBytes(), dockerfile: text)
    }
  }

  /// An archive of nothing.
  private final class NoBytes: ByteSource {
    func read(upTo count: Int) -> [UInt8] { [] }
  }
}
