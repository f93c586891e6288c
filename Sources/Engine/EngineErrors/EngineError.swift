/// Why the engine said no. The API server turns `kind` into a status; nobody else looks at statuses.
public struct EngineError: Error, Sendable, CustomStringConvertible {
  public enum Kind: Sendable, CaseIterable {
    case invalidArgument, notFound, conflict, notModified, unauthorized, forbidden, unavailable,
      notImplemented, `internal`
  }

  public let kind: Kind
  /// Lower case, names the object, and says what to do where the user can do something.
  public let message: String
  public let cause: (any Error)?

  public init(_ kind: Kind, _ message: String, cause: (any Error)? = nil) {
    self.kind = kind
    self.message = message
    self.cause = cause
  }

  public static func notFound(_ what: String, _ name: String) -> Self {
    Self(.notFound, "No such \(what): \(name)")
  }

  public var description: String { message }
}

/// Names the operation that failed underneath, and classifies it once. An `EngineError` passes unchanged.
public func failing<Value: ~Copyable>(
  _ kind: EngineError.Kind, _ doing: @autoclosure () -> String, _ body: () throws -> Value
) throws(EngineError) -> Value {
  do { return try body() } catch let error as EngineError { throw error } catch {
    throw EngineError(kind, "\(doing()): \(error)", cause: error)
  }
}

/// The same, for a body that waits.
public func failing<Value: Sendable>(
  _ kind: EngineError.Kind, _ doing: @autoclosure () -> String, _ body: () async throws -> Value
) async throws(EngineError) -> Value {
  do { return try await body() } catch let error as EngineError { throw error } catch {
    throw EngineError(kind, "\(doing()): \(error)", cause: error)
  }
}
