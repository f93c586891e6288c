import Archive
import ContentStore
import DockerAPI
import Events
import Glibc
import Hashing
import JSON
import Linux
import OCISpec
import Records
import Registry
import Snapshots
import Synchronization

@testable import Images

/// A data root of its own under /tmp, removed at the end of the test.
final class Workplace: Sendable {
  let root = "/tmp/skiff-images-\(UInt64.random(in: 0 ... .max))"
  let events = Events()

  init() throws { try Files.makeDirectories(root) }

  func open() async throws -> Images {
    let database = try Database(path: "\(root)/skiff.db")
    return try await Images(
      database: database, content: ContentStore(dataRoot: root),
      snapshots: Snapshots(dataRoot: root, database: database),
      events: events, registry: Registry())
  }

  /// Names in a directory of the data root.
  func names(_ path: String) throws -> [String] { try Files.names(in: "\(root)/\(path)") }

  deinit {
    // What cannot be removed from /tmp does not fail a test that has already ended.
    try? Files.removeTree(root)
  }

  /// Layers keep owners and whiteouts, which need root.
  static let isRoot = geteuid() == 0
}

/// Collects the lines of a progress stream.
final class Lines: Sendable {
  private let lines = Mutex<[String]>([])
  func add(_ message: ProgressMessage) {
    if let text = message.stream ?? message.status { lines.withLock { $0.append(text) } }
  }
  var all: [String] { lines.withLock { $0 } }
}

func archive(_ members: [(String, [UInt8])]) throws -> [UInt8] {
  var bytes: [UInt8] = []
  var writer = TarWriter { bytes += $0 }
  for (path, contents) in members { try writer.add(TarEntry(path, .file, mode: 0o644), contents) }
  try writer.finish()
  return bytes
}

func digest(_ bytes: [UInt8]) -> Digest { Digest(sha256: SHA256.hash(bytes)) }

/// The config of an image with those layers' archives.
func config(_ layers: [[UInt8]], cmd: String = "sh", created: String = "2024-05-06T07:08:09Z") -> ImageConfig
{
  var defaults = ImageDefaults()
  defaults.cmd = [cmd]
  defaults.env = ["PATH=/bin"]
  defaults.exposedPorts = ["80/tcp"]
  defaults.labels = ["kind": cmd]
  let steps = layers.indices.map { ImageHistoryEntry(created: created, createdBy: "step \($0)") }
  return ImageConfig(
    created: created, config: defaults, diffIDs: layers.map(digest),
    history: steps + [ImageHistoryEntry(created: created, createdBy: "CMD", emptyLayer: true)])
}

/// An archive as docker's `save` wrote it before it wrote OCI layouts.
func dockerArchive(_ layers: [[UInt8]], tags: [String]?, cmd: String = "sh") throws -> [UInt8] {
  let config = JSON.encode(config(layers, cmd: cmd))
  let name = "\(digest(config).hex).json"
  let item = ArchivedImage(
    config: name, repoTags: tags, layers: layers.indices.map { "layer\($0)/layer.tar" })
  return try archive(
    [(name, config)] + layers.enumerated().map { ("layer\($0.offset)/layer.tar", $0.element) }
      + [("manifest.json", JSON.encode([item]))])
}

func bytes(of source: any ByteSource) throws -> [UInt8] { try source.readToEnd(limit: 1 << 26) }
