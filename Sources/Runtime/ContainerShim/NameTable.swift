import Linux

/// The names and addresses of the networks a container is in, and where other names are asked for.
struct NameTable {
  /// No more lines of one file are taken in.
  static let mostLines = 100_000

  private(set) var upstreams: [InternetEndpoint] = []
  private(set) var networks: [String] = []
  private var addresses: [String: [[UInt8]]] = [:]
  private var names: [[UInt8]: String] = [:]

  init() {}

  /// The container's resolver file: `network PATH`, `upstream ADDRESS [PORT]`; other lines are for others.
  init(configuration: String) {
    for line in Self.lines(of: configuration) {
      switch line[0] {
      case "network": networks.append(line[1...].joined(separator: " "))
      case "upstream":
        let port = line.count > 2 ? UInt16(line[2]) : 53
        if let port, let endpoint = InternetEndpoint(numeric: String(line[1]), port: port) {
          upstreams.append(endpoint)
        }
      default: break
      }
    }
  }

  /// A network's file: `NAME ADDRESS`, several lines for several addresses; of an address' names the first is its own.
  mutating func add(records: String) {
    for line in Self.lines(of: records) {
      guard let endpoint = InternetEndpoint(numeric: String(line[1]), port: 0) else { continue }
      let name = line[0].lowercased()
      if addresses[name]?.contains(endpoint.address) != true {
        addresses[name, default: []].append(endpoint.address)
      }
      if names[endpoint.address] == nil { names[endpoint.address] = name }
    }
  }

  /// All addresses of a name in lower case, IPv4 and IPv6; nil where it is not known here.
  func addresses(of name: String) -> [[UInt8]]? { addresses[name] }

  func name(of address: [UInt8]) -> String? { names[address] }

  private static func lines(of text: String) -> [[Substring]] {
    text.split(separator: "\n", maxSplits: mostLines).prefix(mostLines)
      .map { $0.split(separator: " ") }.filter { $0.count >= 2 }
  }
}
