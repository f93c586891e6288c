/// Where a message's body ends (RFC 9112 section 6).
enum BodyFraming: Equatable {
  case none
  case length(Int)
  case chunked
  /// Responses only: the body ends with the connection.
  case untilClose

  static func ofRequest(_ head: HeadParser.RequestHead) throws(HTTPError) -> BodyFraming {
    try declared(head.headers, minor: head.minor) ?? .none
  }

  static func ofResponse(_ head: HeadParser.ResponseHead, to method: String) throws(HTTPError) -> BodyFraming
  {
    if method == "HEAD" || head.status < 200 || head.status == 204 || head.status == 304 { return .none }
    return try declared(head.headers, minor: head.minor) ?? .untilClose
  }

  /// A message that declares its body in two ways, or twice, is how requests are smuggled: it is refused.
  private static func declared(_ headers: HTTPHeaders, minor: Int) throws(HTTPError) -> BodyFraming? {
    let codings = headers.all("transfer-encoding")
    let lengths = headers.all("content-length")
    if !codings.isEmpty {
      guard lengths.isEmpty else { throw .malformed("both Transfer-Encoding and Content-Length") }
      guard minor == 1 else { throw .malformed("Transfer-Encoding in HTTP/1.0") }
      guard codings.count == 1, isSame(codings[0], "chunked") else {
        throw HTTPError(501, "unsupported Transfer-Encoding")
      }
      return .chunked
    }
    guard let length = lengths.first else { return nil }
    guard lengths.count == 1, let count = decimal(Array(length.utf8)) else {
      throw .malformed("bad Content-Length")
    }
    return .length(count)
  }
}
