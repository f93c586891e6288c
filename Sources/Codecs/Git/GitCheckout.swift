import Linux
import PathPatterns
import Reactor

/// The files of a repository at one commit, brought to this machine by its git.
public struct GitCheckout: Sendable {
  /// The directory that the address means; absolute.
  public let directory: String
  /// The commit's full name.
  public let commit: String

  /// Whether this machine has a git.
  public static var isPossible: Bool { GitProgram.find() != nil }

  /// Fetches into `root`, an empty directory, as little history as the server allows, with submodules where the address
  /// does not forbid them. Where `keepsGitDirectory` is false nothing of git's own stays: only then are the files the
  /// same each time.
  ///
  /// `asUser` takes the settings and keys of the user who runs the program, and may ask at the terminal; else git is
  /// alone with the environment. Git runs no hooks, and reaches git, http, https and ssh only. What is left in `root`
  /// after an error or a cancelled task is the caller's to remove.
  public static func fetch(
    _ address: GitAddress, into root: String, keepsGitDirectory: Bool, asUser: Bool
  ) async throws(GitError) -> GitCheckout {
    let git = try GitProgram(in: root, asUser ? .user : .none)
    let fetching = Fetching(git: git, address: address)
    let commit = try await fetching.run()
    let directory = try await blocking { () throws(GitError) in
      let made: Result<String, GitError> = finish(address, root, keepsGitDirectory)
      return try made.get()
    }
    return GitCheckout(directory: directory, commit: commit)
  }

  private static func finish(
    _ address: GitAddress, _ root: String, _ keeps: Bool
  ) -> Result<String, GitError> {
    do {
      if !keeps { try removeGitFiles(below: try FileDescriptor.open(root, [.directory]), depth: 0) }
      return .success(try subdirectory(address.directory, of: root))
    } catch let error as GitError { return .failure(error) } catch {
      return .failure(.system("the checkout: \(error)"))
    }
  }

  /// The directory, links followed inside the repository only.
  private static func subdirectory(_ path: String, of root: String) throws -> String {
    if path.isEmpty { return root }
    let top = try FileDescriptor.open(root, [.directory])
    do throws(SyscallError) {
      let directory = try top.open(inside: path, [.directory])
      return try Files.readLink(directory.procPath)
    } catch {
      let reason = error.errno == .notADirectory ? "not a directory" : "no such directory in the repository"
      throw GitError.directory(path, reason)
    }
  }

  /// Git writes no file of a repository as `.git`: what has that name is git's own.
  private static func removeGitFiles(below directory: borrowing FileDescriptor, depth: Int) throws {
    guard depth < 256 else { throw GitError.system("directories are nested too deeply") }
    for entry in try directory.entries() {
      if entry.name == ".git" {
        try Files.removeTree("\(directory.procPath)/.git")
      } else if entry.isDirectory {
        try removeGitFiles(
          below: try directory.open(at: entry.name, [.directory, .noFollow]), depth: depth + 1)
      }
    }
  }
}

/// The steps of git.
private struct Fetching {
  let git: GitProgram
  let address: GitAddress

  /// Answers the commit that was checked out.
  func run() async throws(GitError) -> String {
    try await must("failed to init repo", ["init", "--quiet", "--template="])
    // The remote has the name of a clone's, and relative submodules are looked for beside it.
    try await must("failed to add origin repo", ["remote", "add", "origin", address.remote])
    let (commit, named) = try await fetch()
    guard address.commit.isEmpty || commit.hasPrefix(address.commit) || named.hasPrefix(address.commit) else {
      throw .mismatch(expected: address.commit, actual: commit)
    }
    try await must("error checking out \(reference)", ["checkout", "--quiet", "--force", "--detach", commit])
    if address.hasSubmodules, Files.exist("\(git.directory)/.gitmodules") { try await fetchSubmodules() }
    if address.userInformation != nil {
      try await must("failed to hide the password", ["remote", "set-url", "origin", address.shown])
    }
    return commit
  }

  private var reference: String { address.reference.isEmpty ? "HEAD" : address.reference }

  /// The commit, and the object that the reference names: a tag may be one of its own.
  private func fetch() async throws(GitError) -> (commit: String, named: String) {
    var shallow = ["--depth", "1"]
    var result = try await git.run(["fetch", "--quiet"] + shallow + ["origin", "--", reference])
    if !result.isGood, Self.isAboutDepth(result.output) {
      shallow = []
      result = try await git.run(["fetch", "--quiet", "origin", "--", reference])
    }
    if result.isGood { return (try await name("FETCH_HEAD^{commit}"), try await name("FETCH_HEAD")) }
    // Servers need not hand out a commit by its name, and none does by its name's beginning.
    guard (7...64).contains(reference.utf8.count), reference.utf8.allSatisfy(GitAddress.isHexadecimal) else {
      throw refusal("error fetching", result.output)
    }
    let everything = ["+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"]
    let all = try await git.run(["fetch", "--quiet", "origin"] + everything)
    guard all.isGood else { throw refusal("error fetching", all.output) }
    let commit = try await name("\(reference)^{commit}")
    return (commit, commit)
  }

  private func name(_ revision: String) async throws(GitError) -> String {
    let result = try await git.run(["rev-parse", "--verify", "--quiet", "--end-of-options", revision])
    let name = result.output.split(separator: "\n").last.map(String.init) ?? ""
    guard result.isGood, name.utf8.count >= 40, name.utf8.allSatisfy(GitAddress.isHexadecimal) else {
      throw .refused(step: "error checking out", output: "the repository has no commit \(reference)")
    }
    return name
  }

  private func fetchSubmodules() async throws(GitError) {
    let update = ["submodule", "--quiet", "update", "--init", "--recursive"]
    let result = try await git.run(update + ["--depth", "1"])
    if result.isGood { return }
    guard Self.isAboutDepth(result.output) else {
      throw refusal("error initializing submodules", result.output)
    }
    try await must("error initializing submodules", update)
  }

  private func must(_ step: String, _ arguments: [String]) async throws(GitError) {
    let result = try await git.run(arguments)
    if !result.isGood { throw refusal(step, result.output) }
  }

  /// A web server that only has the files cannot send a part of the history.
  private static func isAboutDepth(_ output: String) -> Bool {
    output.contains("dumb http transport does not support shallow capabilities")
  }

  /// What git said, without the password of the address.
  private func refusal(_ step: String, _ output: String) -> GitError {
    var text = output.split(separator: "\n").joined(separator: "\n")
    if let information = address.userInformation, information.contains(":") {
      text = text.split(separator: information).joined(separator: "xxxxx")
    }
    return .refused(step: step, output: text.isEmpty ? "git failed" : text)
  }
}
