import CNghttp2

/// Why an HTTP/2 connection or stream cannot go on.
public enum HTTP2Error: Error, Sendable, Equatable, CustomStringConvertible {
  /// What came breaks the protocol.
  case malformed(String)
  /// The other side has ended the stream early, with a code of RFC 9113 section 7.
  case reset(UInt32)
  /// The connection has ended.
  case gone
  /// The other side takes no more streams now.
  case busy

  public var description: String {
    switch self {
    case .malformed(let text): "HTTP/2: \(text)"
    case .reset(let code): "the stream was reset (\(code))"
    case .gone: "the connection has ended"
    case .busy: "the connection takes no more streams"
    }
  }

  /// A code of RFC 9113 section 7 that says that nobody is interested any more.
  public static let cancelCode: UInt32 = 8

  static let noErrorCode: UInt32 = 0

  /// What nghttp2 says by a negative number.
  static func of(_ code: Int) -> HTTP2Error {
    guard let text = nghttp2_strerror(CInt(clamping: code)) else { return .malformed("\(code)") }
    return .malformed(String(cString: text))
  }
}

/// A name and a value, as HTTP/2 carries them: names in lower case, those of the request itself begin with a colon.
public struct HeaderField: Sendable, Hashable {
  public var name: String
  public var value: String
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

extension [HeaderField] {
  public subscript(name: String) -> String? { first { $0.name == name }?.value }
  public func all(_ name: String) -> [String] { filter { $0.name == name }.map(\.value) }
}
