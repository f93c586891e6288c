import DockerAPI
import Dockerfile
import EngineErrors
import Git
import Hashing
import Linux
import OCISpec
import PathPatterns
import Reactor

/// What ADD had brought from elsewhere.
struct FetchedSources: Sendable {
  var files: [DownloadedFile] = []
  var repositories: [FetchedRepository] = []

  var count: Int { files.count + repositories.count }
  /// For the cache's key, with no digest over the files of a repository: its commit says it all.
  var digests: [String] { files.map { "file:\($0.digest)" } + repositories.map(\.identity) }
  var names: [String] { files.map(\.name) + repositories.map(\.name) }
}

/// A directory of a repository.
struct FetchedRepository: Sendable {
  let path: String
  let name: String
  /// Everything that decides what the files are.
  let identity: String
}

extension BuildRun {
  /// Fetches the URLs among the sources of ADD; COPY may have none.
  func fetch(_ copy: Instruction.Copy) async throws -> FetchedSources {
    try Self.checkChecksum(of: copy)
    var fetched = FetchedSources()
    for source in copy.sources {
      switch Self.origin(of: source) {
      case .context: continue
      case .web: fetched.files.append(try await download(source, copy))
      case .repository: fetched.repositories.append(try await checkOut(source, copy))
      }
    }
    return fetched
  }

  enum Origin { case context, web, repository }

  static func origin(of source: String) -> Origin {
    // `github.com/owner/repo` may be a directory of the context.
    if GitAddress.isMeant(by: source), !source.hasPrefix("github.com/") { return .repository }
    let lower = source.lowercased()
    return lower.hasPrefix("http://") || lower.hasPrefix("https://") ? .web : .context
  }

  private static func checkChecksum(of copy: Instruction.Copy) throws(EngineError) {
    guard !copy.checksum.isEmpty else { return }
    let origins = copy.sources.map(origin)
    guard origins.count + copy.files.count == 1, let origin = origins.first else {
      throw EngineError(.invalidArgument, "ADD failed: checksum can't be specified for multiple sources")
    }
    switch origin {
    case .repository: break
    case .context:
      throw EngineError(
        .invalidArgument, "ADD failed: checksum can't be specified for non-HTTP(S) and non-Git sources")
    case .web:
      guard Digest(copy.checksum) != nil else {
        throw EngineError(
          .invalidArgument,
          "ADD failed: invalid checksum \"\(copy.checksum)\": sha256: and 64 hexadecimal digits are expected")
      }
    }
  }

  private func download(_ url: String, _ copy: Instruction.Copy) async throws -> DownloadedFile {
    guard copy.isAdd else {
      throw EngineError(.invalidArgument, "COPY failed: source can't be a URL for COPY")
    }
    guard let downloader = builder.downloader else {
      throw EngineError(.notImplemented, "ADD failed: \(url): this daemon fetches no URLs")
    }
    let path = "\(workspace)/download-\(ObjectID.random().prefix(16))"
    let download = try await downloader.download(url, to: path, failure: "ADD failed")
    return try await blocking { () throws(EngineError) in
      try failing(.invalidArgument, "ADD failed") {
        try DownloadedFile(path, url, download, into: copy.destination, checksum: copy.checksum)
      }
    }
  }

  private func checkOut(_ source: String, _ copy: Instruction.Copy) async throws -> FetchedRepository {
    guard copy.isAdd else {
      throw EngineError(.invalidArgument, "COPY failed: source can't be a git ref for COPY")
    }
    let address = try failing(.invalidArgument, "ADD failed") {
      let address = try GitAddress(source)
      return copy.checksum.isEmpty ? address : try address.requiring(commit: copy.checksum)
    }
    let keeps = copy.keepGitDirectory || address.keepsGitDirectory == true
    let path = "\(workspace)/git-\(ObjectID.random().prefix(16))"
    try await blocking { () throws(EngineError) in
      try failing(.internal, "make a directory for the repository") {
        try Files.makeDirectory(path, mode: 0o755)
      }
    }
    do {
      let checkout = try await GitCheckout.engine(address, into: path, keepsGitDirectory: keeps)
      let parts =
        [checkout.commit, address.directory, keeps ? "git" : "", address.hasSubmodules ? "" : "bare"]
        + copy.excludes
      return FetchedRepository(
        path: checkout.directory, name: address.name,
        identity: "git:" + parts.joined(separator: ":").trimmingSuffix(":"))
    } catch let error as EngineError {
      throw EngineError(error.kind, "ADD failed: \(error.message)", cause: error)
    }
  }
}

extension String {
  fileprivate func trimmingSuffix(_ character: Character) -> String {
    var text = self[...]
    while text.last == character { text = text.dropLast() }
    return String(text)
  }
}
