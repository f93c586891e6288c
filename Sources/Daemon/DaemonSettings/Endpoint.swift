/// Where skiffd listens.
public enum Endpoint: Sendable, Equatable {
  case unix(String)
  case tcp(host: String, port: UInt16)

  /// Nil for what is neither `unix://PATH` nor `tcp://HOST:PORT` (brackets around an IPv6 address; port 2375 where
  /// none is given).
  public init?(_ text: String) {
    if text.hasPrefix("unix://") {
      let path = String(text.dropFirst(7))
      guard path.hasPrefix("/"), !path.hasSuffix("/") else { return nil }
      self = .unix(path)
    } else if text.hasPrefix("tcp://") {
      guard let (host, port) = Self.address(text.dropFirst(6)) else { return nil }
      self = .tcp(host: host, port: port)
    } else {
      return nil
    }
  }

  private static func address(_ text: Substring) -> (String, UInt16)? {
    var rest = text
    let host: Substring
    if rest.hasPrefix("[") {
      guard let close = rest.firstIndex(of: "]") else { return nil }
      host = rest[rest.index(after: rest.startIndex)..<close]
      rest = rest[rest.index(after: close)...]
    } else {
      host = rest.prefix { $0 != ":" }
      rest = rest.dropFirst(host.count)
    }
    let name = host.isEmpty ? "127.0.0.1" : String(host)
    if rest.isEmpty { return (name, 2375) }
    guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
    return (name, port)
  }
}

extension Endpoint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unix(let path): "unix://\(path)"
    case .tcp(let host, let port): "tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
  }
}
