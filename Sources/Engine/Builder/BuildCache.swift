import EngineErrors
import Hashing
import Linux
import OCISpec
import Records
import TextFormats

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
    /// RFC 3339: when a build took it from here last; nil for never.
    var lastUsed: String?
    var uses: Int?
  }

  /// What is known of a layer by the steps that made it.
  struct History: Equatable {
    /// RFC 3339, all of them.
    var created: String
    var lastUsed: String
    var uses: Int
  }

  private let steps: Table<Step>
  private let contents: Table<String>
  private let database: Database
  private var known: [String: Step] = [:]
  private var digests: [String: String] = [:]
  /// Those whose last use is not written down yet.
  private var used: Set<String> = []
  /// The steps that are being done: by which build, and who waits for them.
  private var underway: [String: (build: String, waiters: [AsyncStream<Never>.Continuation])] = [:]

  /// Older steps make room beyond this many.
  static let mostSteps = 20_000

  init(_ database: Database) throws(EngineError) {
    steps = Table("build-steps", in: database)
    contents = Table("build-contents", in: database)
    self.database = database
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
    if let step = known[key] {
      known[key]?.lastUsed = Timestamp(nanoseconds: Clock.realtime).rfc3339
      known[key]?.uses = (step.uses ?? 0) + 1
      used.insert(key)
      return step
    }
    underway[key] = (build, [])
    return nil
  }

  /// Writes down which steps were used.
  func saveUses() async throws(EngineError) {
    guard !used.isEmpty else { return }
    var batch = Batch()
    for key in used { if let step = known[key] { try batch.put(key, step, in: steps) } }
    used = []
    try await database.commit(batch)
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
    var batch = Batch()
    for key in digests.keys { batch.remove(key, in: contents) }
    try await database.commit(batch)
    digests = [:]
  }

  /// What is known of each layer of cached steps.
  var histories: [Digest: History] {
    var histories: [Digest: History] = [:]
    for step in known.values {
      guard let chain = step.chainID else { continue }
      var history = histories[chain] ?? History(created: step.created, lastUsed: step.created, uses: 0)
      history.created = min(history.created, step.created)
      history.lastUsed = max(history.lastUsed, step.lastUsed ?? step.created)
      history.uses += step.uses ?? 0
      histories[chain] = history
    }
    return histories
  }

  /// The layers of all cached steps.
  var chains: Set<Digest> { Set(known.values.compactMap(\.chainID)) }

  /// Forgets the steps whose layers are meant.
  func forget(_ isMeant: @Sendable (Digest) -> Bool) async throws(EngineError) {
    var batch = Batch()
    let keys = known.filter { $0.value.chainID.map(isMeant) ?? false }.keys
    guard !keys.isEmpty else { return }
    for key in keys { batch.remove(key, in: steps) }
    try await database.commit(batch)
    for key in keys { known[key] = nil }
  }

  /// Forgets everything.
  func clear() async throws(EngineError) {
    var batch = Batch()
    for key in known.keys { batch.remove(key, in: steps) }
    try await database.commit(batch)
    known = [:]
    try await clearDigests()
  }
}
