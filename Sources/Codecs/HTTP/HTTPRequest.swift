/// A request as it came in; its body is read as it comes.
public struct HTTPRequest: Sendable {
  public let method: String
  /// Percent-decoded, without the query.
  public let path: String
  /// In the order they stand; names may repeat.
  public let query: [(String, String)]
  public let headers: HTTPHeaders
  public let body: HTTPBody

  public init(method: String, path: String, query: [(String, String)], headers: HTTPHeaders, body: HTTPBody) {
    self.method = method
    self.path = path
    self.query = query
    self.headers = headers
    self.body = body
  }

  /// The first value of this query parameter.
  public func parameter(_ name: String) -> String? { query.first { $0.0 == name }?.1 }
  /// Every value of this query parameter.
  public func parameters(_ name: String) -> [String] { query.filter { $0.0 == name }.map(\.1) }
}
