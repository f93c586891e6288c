import Dockerfile
import EngineErrors
import Hashing
import Linux
import PathPatterns

/// One COPY or ADD with its paths worked out. Its methods block.
struct CopyWork: Sendable {
  let copy: Instruction.Copy
  let keyword: String
  let tree: SourceTree
  let fetched: FetchedSources
  let excludes: PathPatterns
  /// Absolute, cleaned, with links of the image still in it.
  let destination: String
  /// The destination is a directory, whatever is there.
  let intoDirectory: Bool
  private let mode: ModeChange?

  init(
    _ copy: Instruction.Copy, keyword: String, tree: SourceTree, fetched: FetchedSources,
    directory: String
  ) throws {
    self.copy = copy
    self.keyword = keyword
    self.tree = tree
    self.fetched = fetched
    mode = try copy.chmod.isEmpty ? nil : ModeChange(copy.chmod)
    excludes = try failing(.invalidArgument, "\(keyword) --exclude") { try PathPatterns(copy.excludes) }
    destination = SlashPath.join(directory, copy.destination)
    intoDirectory =
      copy.destination.hasSuffix("/") || copy.destination.hasSuffix("/.") || copy.destination == "."
    let count = copy.sources.count + copy.files.count
    if count > 1, !intoDirectory { throw severalSources }
  }

  private var severalSources: EngineError {
    EngineError(
      .invalidArgument,
      "When using \(keyword) with more than one source file, the destination must be a directory and end with a /"
    )
  }

  /// Digests of what does not come out of the tree.
  var otherDigests: [String] {
    fetched.digests + copy.files.map { "file:\(SHA256.hex(of: $0.content))" }
  }
  var otherNames: [String] { fetched.names + copy.files.map(\.name) }

  /// The paths in the tree that the sources mean.
  func findSources() throws(EngineError) -> [String] {
    try failing(.invalidArgument, "\(keyword) failed") {
      var found: [String] = []
      for source in copy.sources where copy.from != nil || BuildRun.origin(of: source) == .context {
        let matches = try tree.matches(source)
        guard !matches.isEmpty else {
          throw EngineError(.invalidArgument, "\(keyword) failed: no source files were specified")
        }
        for match in matches where try tree.status(match) == nil {
          throw MissingSource(keyword: keyword, source: match, tree: tree, isContext: copy.from == nil).error
        }
        found += matches
      }
      if found.count + fetched.count + copy.files.count > 1, !intoDirectory { throw severalSources }
      return found
    }
  }

  /// Writes everything into the new layer.
  func write(_ sources: [String], image: String, layer: String) throws(EngineError) {
    try failing(.invalidArgument, "\(keyword) failed") {
      let owner = try copy.chown.isEmpty ? nil : OwnerLookup.owner(copy.chown, image: image)
      let writer = try LayerWriter(image: image, layer: layer, owner: owner, mode: mode)
      let target = try writer.canonical(destination)
      for source in sources { try write(source, to: target, writer) }
      for file in fetched.files { try write(file, to: target, writer) }
      for repository in fetched.repositories { try write(repository, to: target, writer) }
      for file in copy.files { try write(file, to: target, writer) }
      try writer.finish()
    }
  }

  private func write(_ source: String, to target: String, _ writer: LayerWriter) throws {
    if copy.isAdd, copy.unpack != false, try tree.status(source)?.kind == .regular {
      let file = try FileDescriptor.open(tree.path, [.directory]).open(inside: source, [.readOnly])
      if try ArchiveUnpacker.isArchive(file) {
        try file.seek(to: 0)
        return try ArchiveUnpacker(writer).unpack(file, into: target)
      }
    }
    let copier = try TreeCopier(source: tree, layer: writer, excludes: excludes)
    guard copy.parents else { return try copier.copy(source, to: target, intoDirectory: intoDirectory) }
    let isDirectory = try tree.status(source)?.kind == .directory
    let place = try writer.canonical("\(target)/\(isDirectory ? source : SlashPath.directory(source))")
    try copier.copy(source, to: place, intoDirectory: true)
  }

  /// The contents of the repository's directory, as of any other.
  private func write(_ repository: FetchedRepository, to target: String, _ writer: LayerWriter) throws {
    let tree = SourceTree(path: repository.path, digests: [:], keepsOwners: false)
    try TreeCopier(source: tree, layer: writer, excludes: excludes).copy("", to: target, intoDirectory: true)
  }

  private func write(_ file: DownloadedFile, to target: String, _ writer: LayerWriter) throws {
    if copy.unpack == true {
      let archive = try FileDescriptor.open(file.path, [.readOnly])
      if try ArchiveUnpacker.isArchive(archive) {
        return try ArchiveUnpacker(writer).unpack(archive, into: target)
      }
    }
    let inside = try intoDirectory || writer.isDirectory(target)
    let place = inside ? try writer.canonical("\(target)/\(file.name)") : target
    let copy = try writer.createFile(place)
    try TreeCopier.copyContents(of: try FileDescriptor.open(file.path, [.readOnly]), to: copy)
    try writer.complete(copy, mode: 0o600, owner: .root, modified: file.modified)
  }

  private func write(_ file: Instruction.InlineFile, to target: String, _ writer: LayerWriter) throws {
    let inside = try intoDirectory || writer.isDirectory(target)
    let place = inside ? try writer.canonical("\(target)/\(file.name)") : target
    let copy = try writer.createFile(place)
    try copy.write(Array(file.content.utf8))
    try writer.complete(
      copy, mode: 0o644, owner: .root, modified: FileTime(seconds: Clock.realtime / 1_000_000_000))
  }
}
