import EngineErrors
import Reactor

/// How much of the connection to registries one engine takes.
public struct TransferLimits: Sendable, Equatable {
  /// Each transfer blocks a thread, of which there are 64 for everything: nobody gets more of either kind.
  public static let most = 24

  /// Layers that arrive at once, of all pulls together.
  public var downloads = 3
  /// Layers that are sent at once, of all pushes together.
  public var uploads = 5
  /// How often a layer whose connection breaks is begun, the first time included; at least 1.
  public var downloadAttempts = 5

  public init() {}
}

/// Runs `body` when its turn has come; where the transfer is stopped before that, it does not run.
func inTurn<Value: Sendable>(
  _ turns: Turns, _ stop: StopFlag, _ body: () async throws(EngineError) -> Value
) async throws(EngineError) -> Value {
  do throws(CancellationError) { try await turns.take() } catch { throw .stopped(error) }
  defer { turns.pass() }
  if stop.isSet { throw .stopped(CancellationError()) }
  return try await body()
}

/// Does `body` for each of the layers, all at once; the first that fails stops the others. Answers what came through, in
/// the order of the layers, and the first cause why the rest did not.
public func transferAll<Layer: Sendable, Value: Sendable>(
  _ layers: [Layer], _ stop: StopFlag, _ body: @escaping @Sendable (Layer) async throws(EngineError) -> Value
) async -> (arrived: [Value], failure: EngineError?) {
  let results = await resultsAtOnce(layers) { (layer) async throws(EngineError) in
    do throws(EngineError) { return try await body(layer) } catch {
      stop.set()
      throw error
    }
  }
  var arrived: [Value] = []
  var failures: [EngineError] = []
  for result in results {
    switch result {
    case .success(let value): arrived.append(value)
    case .failure(let error): failures.append(error)
    }
  }
  return (arrived, failures.firstCause)
}

extension EngineError {
  fileprivate static func stopped(_ cause: CancellationError) -> EngineError {
    EngineError(.internal, "the transfer was stopped", cause: cause)
  }

  /// Whether it tells of no more than a transfer that was stopped.
  fileprivate var isStop: Bool { cause is CancellationError }
}

extension [EngineError] {
  /// The first cause of several transfers' end, not what stopping the others made of them; nil where all went well.
  fileprivate var firstCause: EngineError? { first { !$0.isStop } ?? first }
}
