import JSON

/// The short syntax of a service's ports: `[[ip:][host[-range]:]]container[-range][/protocol]`.
enum PortSpec {
  /// The long syntax of `spec`, one element for each container port.
  static func parse(_ spec: String) throws(ComposeError) -> [JSONObject] {
    var parts = spec.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    let (container, proto) = splitProtocol(parts.removeLast())
    let host = parts.popLast() ?? ""
    var address = parts.joined(separator: ":")
    if address.hasPrefix("[") {
      guard address.hasSuffix("]") else {
        throw ComposeError("invalid IP address \(address): address \(address):: missing ']' in address")
      }
      address = String(address.dropFirst().dropLast())
    }
    guard address.isEmpty || isAddress(address) else { throw ComposeError("invalid IP address: \(address)") }
    guard !container.isEmpty else { throw ComposeError("no port specified: \(spec)<empty>") }
    guard let targets = range(container) else { throw ComposeError("invalid containerPort: \(container)") }
    var published: ClosedRange<Int>?
    if !host.isEmpty {
      published = range(host)
      guard published != nil else { throw ComposeError("invalid hostPort: \(host)") }
    }
    if let published, published.count != targets.count, targets.count > 1 {
      throw ComposeError("invalid ranges specified for container and host Ports: \(container) and \(host)")
    }
    guard ["tcp", "udp", "sctp"].contains(proto.lowercased()) else {
      throw ComposeError("invalid proto: \(proto)")
    }
    return targets.sorted { "\($0)" < "\($1)" }.map { target in
      var port: JSONObject = ["mode": "ingress", "target": .integer(Int64(target))]
      if !address.isEmpty { port["host_ip"] = .string(address) }
      if let published {
        let first = published.lowerBound + target - targets.lowerBound
        let isRange = targets.count == 1 && published.count > 1
        port["published"] = .string(isRange ? "\(first)-\(published.upperBound)" : "\(first)")
      }
      port["protocol"] = .string(proto.lowercased())
      return port
    }
  }

  private static func splitProtocol(_ text: String) -> (port: String, proto: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard let port = parts.first, !port.isEmpty else { return ("", "") }
    if parts.count == 1 { return (text, "tcp") }
    return (String(port), parts[1].isEmpty ? "tcp" : String(parts[1]))
  }

  private static func range(_ text: String) -> ClosedRange<Int>? {
    func port(_ digits: Substring) -> Int? {
      guard digits.allSatisfy({ $0.isASCII && $0.isNumber }), let port = Int(digits), port <= 65535 else {
        return nil
      }
      return port
    }
    guard let dash = text.firstIndex(of: "-") else { return port(text[...]).map { $0...$0 } }
    guard let start = port(text[..<dash]), let end = port(text[text.index(after: dash)...]), start <= end
    else { return nil }
    return start...end
  }

  /// Whether `text` is an IPv4 or IPv6 address.
  static func isAddress(_ text: String) -> Bool {
    if text.contains(":") { return isIPv6(text) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4
      && parts.allSatisfy { part in
        (1...3).contains(part.count) && part.allSatisfy { $0.isASCII && $0.isNumber }
          && (Int(part) ?? 256) < 256
          && !(part.count > 1 && part.first == "0")
      }
  }

  private static func isIPv6(_ text: String) -> Bool {
    let halves = text.split(separator: "%")[0]
    var groups = halves.split(separator: ":", omittingEmptySubsequences: false)
    var count = groups.count
    if let last = groups.last, last.contains(".") {
      guard isAddress(String(last)) else { return false }
      groups.removeLast()
      count += 1
    }
    let elided = halves.contains("::")
    guard !halves.contains(":::"), elided ? count <= 9 : count == 8 else { return false }
    return groups.allSatisfy { group in
      (group.isEmpty && elided) || ((1...4).contains(group.count) && group.allSatisfy { $0.isHexDigit })
    }
  }
}
