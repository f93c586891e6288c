import DockerAPI
import Flags

/// `--publish 127.0.0.1:8080-8081:80-81/tcp` and `--expose 80-90/udp`.
enum PortFlags {
  /// One published port or range of ports, taken apart.
  private struct Specification {
    var hostIP = ""
    var host: ClosedRange<UInt16>?
    var container: ClosedRange<UInt16>
    var transport: String
  }

  /// What to publish: the ports to expose, and where.
  static func published(_ words: [String]) throws -> (exposed: Set<String>, bindings: PortMap) {
    var exposed: Set<String> = []
    var bindings: PortMap = [:]
    for word in words {
      let specification = try parse(word.contains("=") ? try standardNotation(word) : word)
      for (offset, port) in specification.container.enumerated() {
        let key = "\(port)/\(specification.transport)"
        exposed.insert(key)
        var binding = PortBinding()
        binding.hostIP = specification.hostIP
        binding.hostPort = hostPort(specification, offset)
        bindings[key, default: []].append(binding)
      }
    }
    return (exposed, bindings)
  }

  private static func hostPort(_ specification: Specification, _ offset: Int) -> String {
    guard let host = specification.host else { return "" }
    // One port of the container takes any of a range on the host.
    if specification.container.count == 1, host.count > 1 { return "\(host.lowerBound)-\(host.upperBound)" }
    return "\(Int(host.lowerBound) + offset)"
  }

  /// The long form `published=8080,target=80,protocol=tcp` in the short one.
  private static func standardNotation(_ word: String) throws -> String {
    var fields: [String: String] = [:]
    for field in word.split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else {
        throw CommandFailure("invalid publish opts format (should be name=value but got '\(field)')")
      }
      fields[String(parts[0])] = String(parts[1])
    }
    return "\(fields["published"] ?? ""):\(fields["target"] ?? "")/\(fields["protocol"] ?? "tcp")"
  }

  private static func parse(_ word: String) throws -> Specification {
    let (rest, transport) = try splitTransport(word)
    var parts = rest.split(separator: ":", omittingEmptySubsequences: false)
    var address = ""
    if rest.hasPrefix("["), let end = rest.lastIndex(of: "]") {
      address = String(rest[rest.index(after: rest.startIndex)..<end])
      parts =
        [""]
        + rest[rest.index(after: end)...].dropFirst().split(separator: ":", omittingEmptySubsequences: false)
    } else if parts.count > 3 {
      address = parts.dropLast(2).joined(separator: ":")
      parts = [""] + parts.suffix(2)
    } else if parts.count == 3 {
      address = String(parts[0])
    }
    guard let last = parts.last, !last.isEmpty else {
      throw CommandFailure("no port specified: \(word)<empty>")
    }
    guard let container = range(last) else { throw CommandFailure("invalid containerPort: \(last)") }
    var specification = Specification(hostIP: address, container: container, transport: transport)
    if !address.isEmpty, !Addresses.isAddress(address[...]) {
      throw CommandFailure("invalid IP address: \(address)")
    }
    let host = parts.count > 1 ? parts[parts.count - 2] : ""
    if !host.isEmpty {
      guard let range = range(host) else { throw CommandFailure("invalid hostPort: \(host)") }
      guard container.count == 1 || range.count == container.count else {
        throw CommandFailure("invalid ranges specified for container and host Ports: \(last) and \(host)")
      }
      specification.host = range
    }
    return specification
  }

  private static func splitTransport(_ word: String) throws -> (Substring, String) {
    let parts = word.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    let transport = parts.count > 1 ? parts[1].lowercased() : "tcp"
    guard ["tcp", "udp", "sctp"].contains(transport) else {
      throw CommandFailure("invalid proto: \(transport)")
    }
    return (parts[0], transport)
  }

  private static func range(_ text: some StringProtocol) -> ClosedRange<UInt16>? {
    let parts = text.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
    guard let low = UInt16(parts[0]), let high = UInt16(parts.last ?? ""), low <= high else { return nil }
    return low...high
  }

  /// What Go says of the first number in `80-90/tcp` that is none; nil where all are ports.
  static func complaint<Text: StringProtocol>(about text: Text) -> String? {
    for number in text.prefix(while: { $0 != "/" }).split(separator: "-", omittingEmptySubsequences: false) {
      if let complaint = GoValues.complaintAboutUInt16(String(number)) { return complaint }
    }
    return nil
  }

  /// What `--expose` names.
  static func exposed(_ words: [String]) throws -> Set<String> {
    var ports: Set<String> = []
    for word in words {
      guard !word.contains(":") else { throw CommandFailure("invalid port format for --expose: \(word)") }
      let (rest, transport) = try splitTransport(word)
      guard let range = range(rest) else {
        throw CommandFailure(
          "invalid range format for --expose: \(word), error: \(complaint(about: rest) ?? "invalid range")")
      }
      for port in range { ports.insert("\(port)/\(transport)") }
    }
    return ports
  }
}
