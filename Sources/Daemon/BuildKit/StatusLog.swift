import BuildKitAPI
import Linux
import Protobuf
import Reactor
import Synchronization

/// What has been told of one build, kept for all who ask, from its beginning on.
final class StatusLog: Sendable {
  private struct State {
    var messages: [[UInt8]] = []
    var bytes = 0
    var isOver = false
    var changes = Changes()
  }

  private let state = Mutex(State())

  /// One step may say as much, as with BuildKit; what is more is left out.
  static let mostOfStep = 2 << 20
  /// A whole build may say as much.
  static let most = 32 << 20

  func add(_ response: StatusResponse) {
    let bytes = response.encoded()
    state.withLock { state in
      guard !state.isOver else { return }
      // What is not there to be read can still be told: how steps end.
      guard state.bytes + bytes.count <= Self.most || response.logs.isEmpty else { return }
      state.messages.append(bytes)
      state.bytes += bytes.count
      state.changes.tell()
    }
  }

  /// Nothing more will be told.
  func end() {
    state.withLock { state in
      state.isOver = true
      state.changes.tell()
    }
  }

  /// The message of that number, as soon as it is there; nil when there will be none.
  func message(_ number: Int) async throws -> [UInt8]? {
    while true {
      let (message, latch) = state.withLock { state -> ([UInt8]?, Latch?) in
        if number < state.messages.count { return (state.messages[number], nil) }
        return (nil, state.isOver ? nil : state.changes.next())
      }
      guard let latch else { return message }
      try await latch.wait()
    }
  }

  /// Hands every message to `listener`, from the first one on, until there will be none.
  func forEach(_ listener: ([UInt8]) async throws -> Void) async throws {
    var number = 0
    while let message = try await message(number) {
      try await listener(message)
      number += 1
    }
  }

  /// Runs `body`, whose end is the log's, while `listener` gets every message: also the last ones of a `body` that fails.
  /// A listener that throws ends `body` early.
  func heard<Value: Sendable>(
    by listener: ([UInt8]) async throws -> Void, during body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    async let value = run(body)
    try await forEach(listener)
    return try await value
  }

  private func run<Value: Sendable>(_ body: @Sendable () async throws -> Value) async throws -> Value {
    defer { end() }
    return try await body()
  }
}
