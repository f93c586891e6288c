import DockerAPI
import EngineErrors
import Git
import OCISpec
import Reactor

extension Builder {
  /// Builds from a directory of a git repository.
  func build(
    _ options: BuildOptions, repository: String, progress: @escaping @Sendable (ProgressMessage) async -> Void
  ) async throws -> Digest {
    let address = try failing(.invalidArgument, "build") { try GitAddress(repository) }
    let keeps = address.keepsGitDirectory(buildArguments: options.buildArguments)
    return try await build(options, progress: progress) { directory in
      let checkout = try await GitCheckout.engine(address, into: directory, keepsGitDirectory: keeps)
      return try await blocking { () throws(EngineError) in
        try failing(.invalidArgument, "cannot read the build context") {
          let context = ContextDirectory(path: checkout.directory, digests: [:])
          try context.removeIgnored(besides: options.dockerfile)
          return context
        }
      }
    }
  }
}

extension GitCheckout {
  /// A checkout with nobody's settings; errors are the asker's, but for a host without git.
  static func engine(
    _ address: GitAddress, into directory: String, keepsGitDirectory: Bool
  ) async throws -> GitCheckout {
    do {
      return try await fetch(address, into: directory, keepsGitDirectory: keepsGitDirectory, asUser: false)
    } catch GitError.absent {
      throw EngineError(.unavailable, "\(GitError.absent)")
    } catch GitError.cancelled {
      throw CancellationError()
    } catch {
      throw EngineError(.invalidArgument, "git \(address.shown): \(error)", cause: error)
    }
  }
}
