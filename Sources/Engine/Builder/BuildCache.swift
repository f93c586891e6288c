import EngineErrors
import Hashing
import OCISpec
import Records

/// Steps that were done before, by what they stood on and what they were.
///
/// A step's key is the digest of the image configuration before it (which holds every layer and the whole history)
/// with the step's own text and the digests of the files it takes. Nothing of the host is in it.
actor BuildCache {
  struct Step: Codable, Sendable, Equatable {
    /// RFC 3339: what the history says, so that a repeated build gives the same image.
    var created: String
    /// The step's layer; nil where it left the files alone.
    var chainID: Digest?
    var diffID: Digest?
  }

  private let steps: Table<Step>
  private let contents: Table<String>
  private var known: [String: Step] = [:]
  private var digests: [String: String] = [:]
  /// The steps that are being done: by which build, and who waits for them.
  private var underway: [String: (build: String, waiters: [AsyncStream<Never>.Continuation])] = [:]

  /// Older steps make room beyond this many.
  static let mostSteps = 20_000

  init(_ database: Database) throws(EngineError) {
    steps = Table("build-steps", in: database)
    contents = Table("build-contents", in: database)
    for (key, step) in try steps.all() { known[key] = step }
    for (key, digest) in try contents.all() { digests[key] = digest }
  }

  static func key(parent: Digest, _ parts: [String]) -> String {
    SHA256.hex(of: "\(parent)\0" + parts.joined(separator: "\0"))
  }

  /// What the step gave; nil where `build` is to do it itself, and to call `leave` afterwards.
  ///
  /// A build that is at this very step already is waited for, so that builds side by side do what they share once.
  func step(_ key: String, for build: String) async throws(CancellationError) -> Step? {
    while let entry = underway[key], entry.build != build {
      await end(of: key)
      if Task.isCancelled { throw CancellationError() }
    }
    if let step = known[key] { return step }
    underway[key] = (build, [])
    return nil
  }

  private func end(of key: String) async {
    let (ends, continuation) = AsyncStream.makeStream(of: Never.self)
    underway[key]?.waiters.append(continuation)
    for await _ in ends {}
  }

  /// `build` is at no step any more, done or not: who waited looks again.
  func leave(_ build: String) {
    for (key, entry) in underway where entry.build == build {
      underway[key] = nil
      for waiter in entry.waiters { waiter.finish() }
    }
  }

  func keep(_ step: Step, as key: String) async throws(EngineError) {
    if known.count >= Self.mostSteps, let oldest = known.min(by: { $0.value.created < $1.value.created })?.key
    {
      known[oldest] = nil
      try await steps.remove(oldest)
    }
    known[key] = step
    try await steps.put(key, step)
  }

  /// The digest of files inside an image or stage, by its layers and path: they never change.
  func digest(of path: String) -> String? { digests[path] }

  func keep(digest: String, of path: String) async throws(EngineError) {
    if digests.count >= Self.mostSteps { try await clearDigests() }
    digests[path] = digest
    try await contents.put(path, digest)
  }

  private func clearDigests() async throws(EngineError) {
    for key in digests.keys { try await contents.remove(key) }
    digests = [:]
  }

  /// When each layer of cached steps was made first, RFC 3339.
  var creations: [Digest: String] {
    Dictionary(
      known.values.compactMap { step in step.chainID.map { ($0, step.created) } }, uniquingKeysWith: min)
  }

  /// The layers of all cached steps.
  var chains: Set<Digest> { Set(known.values.compactMap(\.chainID)) }

  /// Forgets everything.
  func clear() async throws(EngineError) {
    for key in known.keys { try await steps.remove(key) }
    known = [:]
    try await clearDigests()
  }
}
