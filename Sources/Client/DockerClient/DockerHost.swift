/// Where an engine listens.
public enum DockerHost: Hashable, Sendable, CustomStringConvertible {
  case unix(path: String)
  case tcp(host: String, port: UInt16)
  /// By `docker system dial-stdio` on another machine.
  case ssh(SSHAddress)

  /// The engine's own socket.
  public static let standard = DockerHost.unix(path: "/run/skiff/skiff.sock")

  /// Reads `unix:///path`, `tcp://host:port` and `ssh://[user@]host[:port]`; a port missing from tcp is 2375, with TLS
  /// 2376.
  public init(_ text: String, tls: Bool = false) throws(InvalidHost) {
    if text.hasPrefix("unix://") {
      let path = String(text.dropFirst(7))
      guard !path.isEmpty else { throw InvalidHost(text: text) }
      self = .unix(path: path)
    } else if text.hasPrefix("tcp://") || text.hasPrefix("http://") {
      let address = text.drop { $0 != "/" }.dropFirst(2).prefix { $0 != "/" }
      self = try Self.tcp(address, text, tls ? 2376 : 2375)
    } else if text.hasPrefix("ssh://") {
      self = .ssh(try SSHAddress(text))
    } else {
      throw InvalidHost(text: text)
    }
  }

  private static func tcp(
    _ address: Substring, _ text: String, _ standard: UInt16
  ) throws(InvalidHost) -> DockerHost {
    guard let colon = address.lastIndex(of: ":"), address.last != "]" else {
      guard !address.isEmpty else { throw InvalidHost(text: text) }
      return .tcp(host: bare(address), port: standard)
    }
    guard let port = UInt16(address[address.index(after: colon)...]) else { throw InvalidHost(text: text) }
    let host = address[..<colon]
    return .tcp(host: host.isEmpty ? "127.0.0.1" : bare(host), port: port)
  }

  /// An IPv6 address without its brackets.
  private static func bare(_ host: Substring) -> String {
    host.hasPrefix("[") && host.hasSuffix("]") ? String(host.dropFirst().dropLast()) : String(host)
  }

  public var description: String {
    switch self {
    case .unix(let path): "unix://\(path)"
    case .ssh(let address): "\(address)"
    case .tcp(let host, let port): host.contains(":") ? "tcp://[\(host)]:\(port)" : "tcp://\(host):\(port)"
    }
  }
}

/// An address that names no engine.
public struct InvalidHost: Error, Hashable, Sendable, CustomStringConvertible {
  public let text: String
  public var reason: String?

  public init(text: String, reason: String? = nil) {
    self.text = text
    self.reason = reason
  }

  public var description: String {
    if let reason { return reason }
    let scheme = text.split(separator: ":", maxSplits: 1).first ?? ""
    return ["fd", "npipe", "https"].contains(scheme)
      ? "unable to use the host \"\(text)\": \(scheme):// is not supported; use unix://, tcp:// or ssh://"
      : "unable to parse docker host `\(text)`"
  }
}
