import Dockerfile
import EngineErrors
import Hashing
import Linux
import PathPatterns

/// Where COPY takes files from: the context, or the root of an image or stage. Every call blocks.
struct SourceTree: Sendable {
  let path: String
  /// Digests that are known already.
  let digests: [String: String]
  /// Owners and extended attributes are kept: the files were an image's before.
  let keepsOwners: Bool

  init(path: String, digests: [String: String], keepsOwners: Bool) {
    self.path = path
    self.digests = digests
    self.keepsOwners = keepsOwners
  }

  init(_ context: ContextDirectory) {
    self.init(path: context.path, digests: context.digests, keepsOwners: false)
  }

  /// The paths, relative and free of links above them, that a source word of COPY means.
  func matches(_ word: String) throws -> [String] {
    let clean = SlashPath.clean("/" + word).dropFirst()
    guard Glob.containsWildcards(String(clean)) else { return [String(clean)] }
    return try WildcardWalk(root: path).matches(String(clean))
  }

  /// What stands at `path`, links followed inside the tree; nil where nothing does.
  func status(_ path: String) throws -> FileStatus? {
    let root = try FileDescriptor.open(self.path, [.directory])
    return try root.statusInside(path, followLast: true)
  }

  /// A digest over everything at and below `path`: names, kinds, modes, contents; no times. `file:` or `dir:` in front.
  func digest(_ path: String, excluding excludes: PathPatterns) throws -> String {
    let root = try FileDescriptor.open(self.path, [.directory])
    let top = try root.open(inside: path.isEmpty ? "." : path, [.path])
    let status = try top.status()
    if status.kind != .directory {
      guard status.kind == .regular else { return "file:" + SHA256.hex(of: line("", status, "")) }
      var contents = digests[SlashPath.clean(path)]
      // No `??` here: its closure would have to hold the descriptor.
      if contents == nil { contents = try Self.contents(try root.open(inside: path, [.readOnly])) }
      return "file:" + SHA256.hex(of: line("", status, contents ?? ""))
    }
    let hasher = SHA256()
    try hash(
      try root.open(inside: path.isEmpty ? "." : path, [.directory]), path, "", excludes, nil, into: hasher)
    return "dir:" + hasher.finishHex()
  }

  private func hash(
    _ directory: borrowing FileDescriptor, _ path: String, _ relative: String, _ excludes: PathPatterns,
    _ covered: PathPatterns.Covered?, into hasher: SHA256
  ) throws {
    for name in try directory.entries().map(\.name).sorted() {
      let below = relative.isEmpty ? name : "\(relative)/\(name)"
      let full = path.isEmpty ? name : "\(path)/\(name)"
      let (deciding, inherited) = excludes.walk(below, below: covered)
      let status = try directory.status(of: name)
      if deciding != nil, status.kind != .directory || !excludes.takesBack { continue }
      if status.kind == .directory {
        let child = try directory.open(at: name, [.directory, .noFollow])
        if deciding == nil { hasher.update(Array(line(below, status, "").utf8)) }
        try hash(child, full, below, excludes, inherited, into: hasher)
      } else if status.kind == .symbolicLink {
        hasher.update(Array("\(below)\0link\0\(try directory.readLink(name))\0\n".utf8))
      } else {
        var contents = status.kind == .regular ? digests[full] : ""
        if contents == nil {
          contents = try Self.contents(try directory.open(at: name, [.readOnly, .noFollow]))
        }
        hasher.update(Array(line(below, status, contents ?? "").utf8))
      }
    }
  }

  /// One entry as text: its name, kind, mode, owners where they count, and the digest of its contents.
  private func line(_ name: String, _ status: FileStatus, _ contents: String) -> String {
    let owner = keepsOwners ? "\(status.uid):\(status.gid)" : ""
    return "\(name)\0\(status.kind)\0\(String(status.permissions, radix: 8))\0\(owner)\0\(contents)\n"
  }

  private static func contents(_ file: borrowing FileDescriptor) throws -> String {
    let hasher = SHA256()
    while true {
      let bytes = try file.read(upTo: 1 << 18)
      if bytes.isEmpty { return hasher.finishHex() }
      hasher.update(bytes)
    }
  }
}

/// Finds the names that a pattern with wildcards means, element by element.
private struct WildcardWalk {
  let root: String

  func matches(_ pattern: String) throws -> [String] {
    let directory = try FileDescriptor.open(root, [.directory])
    if pattern.contains("**") {
      let glob = try Glob(pattern, .ignoreFile)
      return try all(below: "", in: directory, depth: 0).filter(glob.matches)
    }
    return try found(pattern.split(separator: "/").map(String.init)[...], below: "", in: directory)
  }

  private func found(_ elements: ArraySlice<String>, below path: String, in root: borrowing FileDescriptor)
    throws -> [String]
  {
    guard let element = elements.first else { return [path] }
    let rest = elements.dropFirst()
    guard let directory = try open(path, in: root) else { return [] }
    let glob = try Glob(element)
    var results: [String] = []
    for entry in try directory.entries().sorted(by: { $0.name < $1.name }) where glob.matches(entry.name) {
      results += try found(rest, below: path.isEmpty ? entry.name : "\(path)/\(entry.name)", in: root)
    }
    return results
  }

  private func all(below path: String, in root: borrowing FileDescriptor, depth: Int) throws -> [String] {
    guard depth < 128, let directory = try open(path, in: root) else { return [] }
    var results: [String] = []
    for entry in try directory.entries().sorted(by: { $0.name < $1.name }) {
      let name = path.isEmpty ? entry.name : "\(path)/\(entry.name)"
      results.append(name)
      if entry.isDirectory { results += try all(below: name, in: root, depth: depth + 1) }
    }
    return results
  }

  private func open(_ path: String, in root: borrowing FileDescriptor) throws -> FileDescriptor? {
    do { return try root.open(inside: path.isEmpty ? "." : path, [.directory]) } catch {
      if error.errno == .notADirectory || error.errno == .noSuchFile { return nil }
      throw error
    }
  }
}
