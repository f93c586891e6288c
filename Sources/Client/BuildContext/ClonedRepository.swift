import Git
import Linux
import PathPatterns
import Reactor

/// A repository that is on this machine for the length of a build.
public struct ClonedRepository: Sendable {
  /// The directory that the address means.
  public let directory: String
  private let root: String

  /// Clones with the settings and keys of the user, without `.git` unless the address or a build argument asks for it.
  /// A cancelled task leaves nothing behind.
  public static func fetch(
    _ address: GitAddress, buildArguments: [String: String?]
  ) async throws -> ClonedRepository {
    let root = "\(Environment.value("TMPDIR") ?? "/tmp")/skiff-build-git-\(UInt64.random(in: 0 ... .max))"
    do {
      try await blocking { () throws(SyscallError) in try Files.makeDirectory(root, mode: 0o700) }
      let checkout = try await GitCheckout.fetch(
        address, into: root,
        keepsGitDirectory: address.keepsGitDirectory(buildArguments: buildArguments),
        asUser: true)
      return ClonedRepository(directory: checkout.directory, root: root)
    } catch {
      await remove(root)
      if case GitError.address = error { throw error }
      if case GitError.cancelled = error { throw CancellationError() }
      throw BuildContextError.unclonable("\(error)")
    }
  }

  /// Throws the clone away.
  public func remove() async { await Self.remove(root) }

  private static func remove(_ root: String) async {
    await blocking {
      // What cannot be removed lies in the directory for such things.
      try? Files.removeTree(root)
    }
  }

  /// The context. Nothing outside the directory is read, whatever links the repository holds. Blocks.
  public func context(dockerfile: BuildContext.DockerfileChoice) throws -> BuildContext {
    let top = try FileDescriptor.open(directory, [.directory])
    var names = [".dockerignore"]
    var choice = dockerfile
    if case .path(let path) = dockerfile {
      let inside = path ?? Self.defaultDockerfile(top)
      choice = .path(try Self.file(inside, in: top, shown: path ?? "Dockerfile"))
      names.append("\(inside).dockerignore")
    }
    for name in names { try Self.checkIgnoreFile(name, in: top) }
    return try BuildContext(directory: directory, dockerfile: choice)
  }

  private static func defaultDockerfile(_ top: borrowing FileDescriptor) -> String {
    // What cannot be looked at is missing, and said to be.
    let has = { (name: String, top: borrowing FileDescriptor) in (try? top.status(of: name)) != nil }
    return !has("Dockerfile", top) && has("dockerfile", top) ? "dockerfile" : "Dockerfile"
  }

  /// The real path of a regular file, links followed inside the directory only.
  private static func file(_ path: String, in top: borrowing FileDescriptor, shown: String) throws -> String {
    do throws(SyscallError) {
      let file = try top.open(inside: path, [.path])
      guard try file.status().kind == .regular else {
        throw SyscallError(call: "open", subject: shown, errno: .invalidArgument)
      }
      return try Files.readLink(file.procPath)
    } catch {
      throw BuildContextError.noDockerfile(shown, reason: "\(error.errno)".lowercased())
    }
  }

  /// A link could lead to anything of this machine.
  private static func checkIgnoreFile(_ name: String, in top: borrowing FileDescriptor) throws {
    do throws(SyscallError) {
      let status = try top.open(inside: name, [.path, .noFollow]).status()
      if status.kind == .regular { return }
    } catch {
      if error.errno == .noSuchFile || error.errno == .notADirectory { return }
      throw error
    }
    throw BuildContextError.unreadable("\(name) of the repository is no regular file")
  }
}
