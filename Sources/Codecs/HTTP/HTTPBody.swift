import Reactor
import Synchronization

/// A message's body, read as it comes; by one task.
public final class HTTPBody: Sendable {
  private enum State {
    case ended
    case length(Int)
    case chunked(ChunkDecoder)
    case untilClose
    /// Where the message ends is not known any more.
    case broken(HTTPError)
  }

  private let reader: ConnectionReader?
  private let state: Mutex<State>
  /// Bytes that need no reading.
  private let ready: Mutex<[UInt8]>
  /// What the first reading must do, such as asking a client to go on.
  private let beforeReading: Mutex<(@Sendable () async throws -> Void)?>
  /// Opens when the last byte was read.
  let ended = Latch()
  /// Kept until the end, then given up: a client's connection goes back to its pool by this.
  private let atEnd: Mutex<(@Sendable () -> Void)?>
  /// Told true before bytes are waited for and false when they have come.
  private let waiting: (@Sendable (Bool) -> Void)?

  init(
    _ reader: ConnectionReader, _ framing: BodyFraming,
    beforeReading: (@Sendable () async throws -> Void)? = nil,
    atEnd: (@Sendable () -> Void)? = nil, waiting: (@Sendable (Bool) -> Void)? = nil
  ) {
    self.reader = reader
    self.waiting = waiting
    ready = Mutex([])
    self.beforeReading = Mutex(beforeReading)
    self.atEnd = Mutex(atEnd)
    switch framing {
    case .none, .length(0): state = Mutex(.ended)
    case .length(let count): state = Mutex(.length(count))
    case .chunked: state = Mutex(.chunked(ChunkDecoder()))
    case .untilClose: state = Mutex(.untilClose)
    }
    if isEnded { end() }
  }

  /// A body that is there already.
  public init(bytes: [UInt8] = []) {
    reader = nil
    waiting = nil
    beforeReading = Mutex(nil)
    atEnd = Mutex(nil)
    state = Mutex(.ended)
    ready = Mutex(bytes)
    ended.open()
  }

  public var isEnded: Bool { state.withLock { if case .ended = $0 { true } else { false } } }

  /// The next bytes; nil at the end. Throws `HTTPError.truncated` when the connection ends first.
  public func next() async throws -> [UInt8]? {
    if let bytes = takeReady() { return bytes }
    guard let reader, !isEnded else { return nil }
    if case .broken(let error) = state.withLock({ $0 }) { throw error }
    if let prepare = beforeReading.withLock({ prepare in
      defer { prepare = nil }; return prepare
    }) {
      try await prepare()
    }
    while true {
      waiting?(true)
      defer { waiting?(false) }
      let raw = try await reader.some()
      let decoded = try decode(raw, reader)
      if isEnded { end() }
      if !decoded.isEmpty { return decoded }
      if isEnded { return nil }
    }
  }

  /// The whole body, or `HTTPError` 413 when it is longer than `limit`.
  public func collect(upTo limit: Int) async throws -> [UInt8] {
    var all: [UInt8] = []
    while let bytes = try await next() {
      guard all.count + bytes.count <= limit else {
        throw HTTPError(413, "the body is longer than \(limit) bytes")
      }
      all += bytes
    }
    return all
  }

  /// Reads and forgets what is left; false when that is more than `limit`.
  func drain(upTo limit: Int) async throws -> Bool {
    // Who waits to be asked for the body is not asked for the sake of dropping it.
    if beforeReading.withLock({ $0 != nil }) { return false }
    if case .length(let left) = state.withLock({ $0 }), left > limit { return false }
    var seen = 0
    while let bytes = try await next() {
      seen += bytes.count
      if seen > limit { return false }
    }
    return true
  }

  private func takeReady() -> [UInt8]? {
    ready.withLock { ready in
      defer { ready = [] }
      return ready.isEmpty ? nil : ready
    }
  }

  private func decode(_ raw: [UInt8], _ reader: ConnectionReader) throws(HTTPError) -> [UInt8] {
    try state.withLock { state throws(HTTPError) in
      switch state {
      case .ended: return []
      case .broken(let error): throw error
      case .untilClose:
        if raw.isEmpty { state = .ended }
        return raw
      case .length(let left):
        if raw.isEmpty { throw .truncated }
        reader.putBack(raw.dropFirst(left))
        state = raw.count >= left ? .ended : .length(left - raw.count)
        return raw.count > left ? Array(raw.prefix(left)) : raw
      case .chunked(var decoder):
        if raw.isEmpty { throw .truncated }
        var output: [UInt8] = []
        let taken: Int
        do throws(HTTPError) { taken = try decoder.decode(raw[...], into: &output) } catch {
          state = .broken(error)
          throw error
        }
        reader.putBack(raw[taken...])
        state = decoder.isDone ? .ended : .chunked(decoder)
        return output
      }
    }
  }

  private func end() {
    ended.open()
    atEnd.withLock { action in
      defer { action = nil }; return action
    }?()
  }
}
