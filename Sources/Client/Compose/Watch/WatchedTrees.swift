import ComposeModel
import Linux
import PathPatterns
import Reactor

/// Tells which files change below some paths, directories that come later included. Links are not followed.
struct WatchedTrees {
  private let descriptor: AsyncDescriptor
  private let roots: [String]
  /// Directories by the number that events call them.
  private var directories: [Int32: String] = [:]

  /// Deeper directories are left out.
  private static let deepest = 256

  /// Watches from now on; `found` is what is there, directories and all. Paths that are not there yet are waited for.
  static func begin(_ paths: [String]) async throws -> (trees: WatchedTrees, found: Set<String>) {
    try await blocking {
      var found: Set<String> = []
      let trees = try WatchedTrees(paths, &found)
      return (trees, found)
    }
  }

  private init(_ paths: [String], _ found: inout Set<String>) throws {
    descriptor = try AsyncDescriptor(try FileWatch.empty())
    roots = Array(Set(paths)).sorted()
    for root in roots { try place(root, &found) }
  }

  /// Waits until something has changed.
  func changed() async throws { try await descriptor.readable() }

  /// The paths that have changed since the last call, or may have.
  mutating func changes() async throws -> Set<String> {
    let before = self
    let (after, paths) = try await blocking {
      var trees = before
      let paths = try trees.read()
      return (trees, paths)
    }
    self = after
    return paths
  }

  private mutating func read() throws -> Set<String> {
    var paths: Set<String> = []
    while let bytes = try descriptor.readNow(upTo: 1 << 16), !bytes.isEmpty {
      for event in FileWatch.events(in: bytes) { try take(event, &paths) }
    }
    return paths.filter { path in roots.contains { SlashPath.relative(path, to: $0) != nil } }
  }

  private mutating func take(_ event: FileWatch.Event, _ paths: inout Set<String>) throws {
    guard event.directory >= 0 else {
      // The kernel has lost events: everything may have changed.
      for root in roots { try place(root, &paths) }
      return
    }
    guard let directory = directories[event.directory] else { return }
    if event.isEnd {
      directories[event.directory] = nil
      // What comes in its place is looked for.
      for root in roots where SlashPath.relative(root, to: directory) != nil { try place(root, &paths) }
      return
    }
    guard !event.name.isEmpty else { return }
    let path = SlashPath.join(directory, event.name)
    paths.insert(path)
    guard event.isNew, event.isDirectory else { return }
    for root in roots {
      // Something on the way to what is watched, or below it.
      if SlashPath.relative(root, to: path) != nil { try place(root, &paths) }
      if SlashPath.relative(path, to: root) != nil { try addTree(path, &paths, depth: 0) }
    }
  }

  /// Watches a directory with all below it; for a file, and for what is not there, the directory that it is to stand in.
  private mutating func place(_ root: String, _ found: inout Set<String>) throws {
    // What is not there is no directory.
    if (try? Files.linkStatus(root))?.kind == .directory { return try addTree(root, &found, depth: 0) }
    if Files.exist(root) { found.insert(root) }
    var parent = SlashPath.directory(root)
    while parent != "/", !Files.isDirectory(parent) { parent = SlashPath.directory(parent) }
    try add(parent)
  }

  private mutating func addTree(_ path: String, _ found: inout Set<String>, depth: Int) throws {
    guard depth < Self.deepest, try add(path) else { return }
    // Whatever was there before the watch began has told nothing.
    for name in (try? Files.names(in: path)) ?? [] {
      let below = SlashPath.join(path, name)
      found.insert(below)
      // Gone again.
      guard (try? Files.linkStatus(below))?.kind == .directory else { continue }
      try addTree(below, &found, depth: depth + 1)
    }
  }

  /// False where it has gone meanwhile.
  @discardableResult
  private mutating func add(_ path: String) throws -> Bool {
    do throws(SyscallError) {
      let number = try descriptor.withRaw { raw throws(SyscallError) in try FileWatch.add(path, to: raw) }
      directories[number] = path
      return true
    } catch {
      switch error.errno {
      case .noSuchFile, .notADirectory: return false
      case .noSpace:
        throw ComposeFailure(
          "cannot watch \(path): the limit of watched directories is reached, raise fs.inotify.max_user_watches"
        )
      default: throw error
      }
    }
  }
}
