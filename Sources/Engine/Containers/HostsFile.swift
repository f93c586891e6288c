/// A container's hosts(5) file; pure.
public struct HostsFile: Sendable {
  private var lines: [String]

  /// The usual beginning, for a network of its own, where `ipv6` says whether there is IPv6 at all.
  public init(ipv6: Bool = true) {
    lines = ["127.0.0.1\tlocalhost"]
    guard ipv6 else { return }
    lines += [
      "::1\tlocalhost ip6-localhost ip6-loopback", "fe00::\tip6-localnet",
      "ff00::\tip6-mcastprefix", "ff02::1\tip6-allnodes", "ff02::2\tip6-allrouters",
    ]
  }

  /// The host's own file, for a container that shares its network.
  public init(ofHost text: String) {
    lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    if lines.last == "" { lines.removeLast() }
  }

  /// `--add-host NAME:ADDRESS`; `host-gateway` stands for `gateway`. What is no pair is passed over.
  public mutating func add(_ entry: String, gateway: String?) {
    guard let separator = entry.firstIndex(where: { $0 == ":" || $0 == "=" }) else { return }
    var address = String(entry[entry.index(after: separator)...])
    if address == "host-gateway" { address = gateway ?? "127.0.0.1" }
    if address.hasPrefix("[") && address.hasSuffix("]") { address = String(address.dropFirst().dropLast()) }
    lines.append("\(address)\t\(entry[..<separator])")
  }

  public mutating func add(address: String, names: [String]) {
    lines.append("\(address)\t\(names.joined(separator: " "))")
  }

  public var text: String { lines.map { $0 + "\n" }.joined() }
}
