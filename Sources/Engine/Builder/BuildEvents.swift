import DockerAPI
import Synchronization

/// What happens in a build, for those who show it step by step. Steps have numbers, from 1.
public enum BuildEvent: Sendable {
  /// `name` is as BuildKit shows it: `[2/3] RUN make`.
  case began(step: Int, name: String)
  case said(step: Int, isErrorOutput: Bool, [UInt8])
  /// A part of the step, such as a layer that is fetched: bytes done and bytes in all, 0 where nobody knows.
  case progressed(step: Int, part: String, current: Int64, total: Int64, isDone: Bool)
  case warned(String)
  case ended(step: Int, isCached: Bool, failure: (any Error)?)
  /// What the Dockerfile says at these lines could not be done.
  case failed(lines: ClosedRange<Int>)
}

/// Numbers the steps of one build and tells of them. One step runs at a time; those that it needs run within it.
final class StepTelling: Sendable {
  private struct State {
    var count = 0
    /// The steps that are running, the innermost last, and whether their result came from the cache.
    var running: [(step: Int, isCached: Bool)] = []
    var hasFailed = false
  }

  private let tell: (@Sendable (BuildEvent) async -> Void)?
  private let state = Mutex(State())

  init(_ tell: (@Sendable (BuildEvent) async -> Void)?) { self.tell = tell }

  /// Runs `body` as a step of that name.
  func step<Value>(_ name: String, _ body: () async throws -> Value) async throws -> Value {
    guard let tell else { return try await body() }
    let step = state.withLock { state in
      state.count += 1
      state.running.append((state.count, false))
      return state.count
    }
    await tell(.began(step: step, name: name))
    do {
      let value = try await body()
      await tell(.ended(step: step, isCached: end(), failure: nil))
      return value
    } catch {
      await tell(.ended(step: step, isCached: end(), failure: error))
      throw error
    }
  }

  /// The innermost step ends; says whether its result came from the cache.
  private func end() -> Bool { state.withLock { $0.running.removeLast().isCached } }

  /// The result of the innermost step came from the cache.
  func isCached() {
    state.withLock { state in
      if !state.running.isEmpty { state.running[state.running.count - 1].isCached = true }
    }
  }

  private var innermost: Int? { state.withLock { $0.running.last?.step } }

  func said(isErrorOutput: Bool, _ bytes: [UInt8]) async {
    if let tell, let step = innermost { await tell(.said(step: step, isErrorOutput: isErrorOutput, bytes)) }
  }

  func progressed(_ part: String, current: Int64, total: Int64, isDone: Bool) async {
    guard let tell, let step = innermost else { return }
    await tell(.progressed(step: step, part: part, current: current, total: total, isDone: isDone))
  }

  func warned(_ text: String) async { await tell?(.warned(text)) }

  /// The first place that is told is the cause.
  func failed(at lines: ClosedRange<Int>) async {
    let isFirst = state.withLock { state in
      defer { state.hasFailed = true }
      return !state.hasFailed
    }
    if isFirst { await tell?(.failed(lines: lines)) }
  }
}

extension StepTelling {
  /// What a registry's transfer says of one layer.
  func fetched(_ message: ProgressMessage) async {
    let detail = message.progressDetail
    guard let id = message.id, message.isLayerDone || detail?.current != nil else { return }
    await progressed(
      id, current: detail?.current ?? 0, total: detail?.total ?? 0, isDone: message.isLayerDone)
  }
}
