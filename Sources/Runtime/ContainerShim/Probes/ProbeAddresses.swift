import Linux
import ShimProtocol

/// Where a probe's host is, one address after the other to try.
enum ProbeAddresses {
  /// - Parameter hosts: the container's hosts(5) file, read where the name asks for it.
  static func of(_ target: ProbeTarget, hosts: () -> String) -> [InternetEndpoint] {
    if target.host.lowercased() == "localhost" {
      return ["127.0.0.1", "::1"].compactMap { InternetEndpoint(numeric: $0, port: target.port) }
    }
    if let endpoint = InternetEndpoint(numeric: target.host, port: target.port) { return [endpoint] }
    return hosts().split(whereSeparator: \.isNewline).compactMap { line in
      let words = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" }
      guard words.dropFirst().contains(where: { $0.lowercased() == target.host.lowercased() }) else {
        return nil
      }
      return InternetEndpoint(numeric: String(words[0]), port: target.port)
    }
  }
}
