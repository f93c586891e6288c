import Archive
import EngineErrors
import Glibc
import Linux
import OCISpec
import Records

@testable import Snapshots

/// A data root of its own under /tmp, removed at the end of the test.
final class Workplace: Sendable {
  let root = "/tmp/skiff-snapshots-\(UInt64.random(in: 0 ... .max))"

  init() throws { try Files.makeDirectories(root) }

  func open() throws -> Snapshots {
    try Snapshots(dataRoot: root, database: Database(path: "\(root)/skiff.db"))
  }

  /// Names in the directory of layers.
  func layerNames() throws -> [String] { try Files.names(in: "\(root)/layers") }

  deinit {
    // What cannot be removed from /tmp does not fail a test that has already ended.
    try? Files.removeTree(root)
  }

  /// Owners, devices, overlays and trusted attributes need root.
  static let isRoot = geteuid() == 0
}

/// The archive that holds the entries and contents.
func archive(_ members: [(TarEntry, String)]) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var writer = TarWriter { bytes += $0 }
  for (entry, contents) in members { try writer.add(entry, Array(contents.utf8)) }
  try writer.finish()
  return bytes
}

func file(_ path: String, _ contents: String = "", _ change: (inout TarEntry) -> Void = { _ in }) -> (
  TarEntry, String
) {
  var entry = TarEntry(path, .file, mode: 0o644, modified: TarTime(seconds: 1_600_000_000))
  change(&entry)
  return (entry, contents)
}

func node(_ path: String, _ kind: TarEntry.Kind, mode: UInt32 = 0o755) -> (TarEntry, String) {
  (TarEntry(path, kind, mode: mode, modified: TarTime(seconds: 1_500_000_000)), "")
}

func bytes(of source: any ByteSource) throws -> [UInt8] { try source.readToEnd(limit: 1 << 26) }
