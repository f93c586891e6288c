import Archive
import HTTP

extension PipedSource {
  /// A request's body, for as long as `work` runs.
  static func with<Value>(_ body: HTTPBody, _ work: (PipedSource) async throws -> Value) async throws -> Value
  {
    try await with({ try await body.next() }, work)
  }
}
