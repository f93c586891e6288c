/// Where skiffd listens.
public enum Endpoint: Sendable, Equatable {
  case unix(String)
  case tcp(host: String, port: UInt16)
  /// Sockets that whoever started skiffd has opened (sd_listen_fds(3)): one by its number, or nil for all.
  case inherited(Int32?)

  /// Nil for what is neither `unix://PATH` nor `tcp://HOST:PORT` (brackets around an IPv6 address; where no port is
  /// given 2375, with TLS 2376) nor `fd://[NUMBER]`.
  public init?(_ text: String, tls: Bool = false) {
    if text.hasPrefix("unix://") {
      let path = String(text.dropFirst(7))
      guard path.hasPrefix("/"), !path.hasSuffix("/") else { return nil }
      self = .unix(path)
    } else if text.hasPrefix("tcp://") {
      guard let (host, port) = Self.address(text.dropFirst(6), tls ? 2376 : 2375) else { return nil }
      self = .tcp(host: host, port: port)
    } else if text.hasPrefix("fd://") {
      let rest = text.dropFirst(5)
      guard rest.isEmpty || rest == "*" || Int32(rest).map({ $0 >= 3 }) == true else { return nil }
      self = .inherited(Int32(rest))
    } else {
      return nil
    }
  }

  private static func address(_ text: Substring, _ standard: UInt16) -> (String, UInt16)? {
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
    if rest.isEmpty { return (name, standard) }
    guard rest.hasPrefix(":"), let port = UInt16(rest.dropFirst()) else { return nil }
    return (name, port)
  }
}

extension Endpoint: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unix(let path): "unix://\(path)"
    case .inherited(let number): "fd://\(number.map { String($0) } ?? "")"
    case .tcp(let host, let port): "tcp://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }
  }
}
