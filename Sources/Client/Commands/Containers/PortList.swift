import DockerAPI

/// The ports of a container in one line: `0.0.0.0:80->80/tcp, 6379/tcp`, neighbours put together.
enum PortList {
  private struct Group {
    var first: UInt16
    var last: UInt16
  }

  static func text(_ ports: [Port]) -> String {
    var result: [String] = []
    var mapped: [String] = []
    var groups: [String: Group] = [:]
    for port in ports.sorted(by: isBefore) {
      let address = port.ip.map { host($0) } ?? ""
      if let publicPort = port.publicPort, publicPort != 0, !address.isEmpty, publicPort != port.privatePort {
        mapped.append("\(address):\(publicPort)->\(port.privatePort)/\(port.type)")
        continue
      }
      let key = address.isEmpty ? port.type : "\(address)/\(port.type)"
      if let group = groups[key] {
        if port.privatePort == group.last || port.privatePort == group.last + 1 {
          groups[key]?.last = port.privatePort
          continue
        }
        result.append(shown(key, group))
      }
      groups[key] = Group(first: port.privatePort, last: port.privatePort)
    }
    result += groups.keys.sorted().compactMap { key in groups[key].map { shown(key, $0) } }
    return (result + mapped).joined(separator: ", ")
  }

  /// An address as it stands before a colon.
  static func host(_ address: String) -> String { address.contains(":") ? "[\(address)]" : address }

  private static func shown(_ key: String, _ group: Group) -> String {
    let range = group.first == group.last ? "\(group.first)" : "\(group.first)-\(group.last)"
    let parts = key.split(separator: "/")
    return parts.count == 2 ? "\(parts[0]):\(range)->\(range)/\(parts[1])" : "\(range)/\(key)"
  }

  private static func isBefore(_ left: Port, _ right: Port) -> Bool {
    (left.privatePort, left.ip ?? "", left.publicPort ?? 0, left.type) < (
      right.privatePort, right.ip ?? "", right.publicPort ?? 0, right.type
    )
  }
}
