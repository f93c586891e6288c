import Reactor

/// A watch over files that has begun, beside the logs of an `up`.
struct FileWatching: Sendable {
  private let session: WatchSession
  private let trees: WatchedTrees

  init(_ session: WatchSession) async throws {
    self.session = session
    trees = try await session.begin()
  }

  var isActing: Bool { session.isActing }

  /// Acts on changes until it is cancelled; what breaks the watch is told, and the containers run on.
  func run() async {
    do {
      try await session.run(trees)
    } catch {
      if !Task.isCancelled { session.tell("Watch disabled with errors: \(ComposeCommand.words(of: error))") }
    }
  }
}
