import EngineErrors
import HTTP
import JSON

extension EngineError.Kind {
  /// The one place where kinds become HTTP statuses.
  var status: Int {
    switch self {
    case .invalidArgument: 400
    case .notFound: 404
    case .conflict: 409
    case .notModified: 304
    case .unauthorized: 401
    case .forbidden: 403
    case .unavailable: 503
    case .notImplemented: 501
    case .internal: 500
    }
  }
}

/// The status and message for whatever a handler threw.
func statusAndMessage(_ error: any Error) -> (status: Int, message: String) {
  switch error {
  case let error as EngineError: (error.kind.status, error.message)
  case let error as HTTPError: (error.status, error.message)
  case let error as JSONError: (400, "invalid JSON: \(error)")
  default: (500, "\(error)")
  }
}
