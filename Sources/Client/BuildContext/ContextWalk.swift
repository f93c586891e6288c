import Archive
import Linux
import PathPatterns

/// Lists what a context sends, directories before what they hold, names in order.
struct ContextWalk {
  struct Entry: Sendable {
    /// Relative to the directory.
    let path: String
    var tar: TarEntry
  }

  private(set) var entries: [Entry] = []
  private let context: BuildContext
  /// Directories that are excluded themselves, and sent once something below them is.
  private var pending: [(path: String, status: FileStatus)] = []

  /// Deeper trees are refused.
  private static let deepest = 256

  init(_ context: BuildContext) { self.context = context }

  mutating func run() throws {
    try walk(try FileDescriptor.open(context.directory, [.directory]), "", covered: nil, depth: 0)
  }

  private mutating func walk(
    _ directory: borrowing FileDescriptor, _ path: String, covered: PathPatterns.Covered?, depth: Int
  ) throws {
    guard depth < Self.deepest else { throw BuildContextError.unreadable("\(path) is nested too deeply") }
    for name in try directory.entries().map(\.name).sorted() {
      let below = path.isEmpty ? name : "\(path)/\(name)"
      if context.extras.contains(where: { $0.name == below }) { continue }
      let (deciding, inherited) = context.patterns.walk(below, below: covered)
      let status = try directory.status(of: name)
      let excluded = deciding != nil && !context.always.contains(below)
      if status.kind == .directory {
        try enter(name, of: directory, below, status, excluded: excluded, covered: inherited, depth: depth)
      } else if !excluded {
        sendPending()
        if let tar = try Self.entry(below, status, name, directory) {
          entries.append(Entry(path: below, tar: tar))
        }
      }
    }
  }

  private mutating func enter(
    _ name: String, of directory: borrowing FileDescriptor, _ path: String, _ status: FileStatus,
    excluded: Bool,
    covered: PathPatterns.Covered, depth: Int
  ) throws {
    let holdsAlways = context.always.contains { $0.hasPrefix("\(path)/") }
    if excluded && !context.patterns.takesBack && !holdsAlways { return }
    pending.append((path, status))
    if !excluded { sendPending() }
    let known = pending.count
    let child: FileDescriptor
    do { child = try directory.open(at: name, [.directory, .noFollow]) } catch {
      throw BuildContextError.unreadable("no permission to read from '\(path)': \(error.errno)")
    }
    try walk(child, path, covered: covered, depth: depth + 1)
    if excluded, pending.count == known { pending.removeLast() }
  }

  private mutating func sendPending() {
    for (path, status) in pending {
      entries.append(Entry(path: path, tar: Self.tar(path, .directory, status)))
    }
    pending = []
  }

  private static func entry(
    _ path: String, _ status: FileStatus, _ name: String, _ directory: borrowing FileDescriptor
  ) throws -> TarEntry? {
    switch status.kind {
    case .regular: return tar(path, .file, status)
    case .symbolicLink:
      return tar(path, .symbolicLink(target: Array(try directory.readLink(name).utf8)), status)
    // Sockets, pipes and devices belong to running programs, not to an image.
    default: return nil
    }
  }

  /// Owned by root whoever sends it, so that the same files give the same image.
  private static func tar(_ path: String, _ kind: TarEntry.Kind, _ status: FileStatus) -> TarEntry {
    TarEntry(
      path, kind, mode: status.permissions,
      modified: TarTime(status.modified))
  }
}
