import Linux
import ShimProtocol

/// Where the container's published ports lead, as the daemon's file has it: looked at before each use, read when it
/// changed, as it does when the container changes networks.
final class PortTargets {
  /// Each has 4 or 16 bytes; none is nil.
  struct Addresses: Equatable {
    var ipv4: [UInt8]?
    var ipv6: [UInt8]?

    init() {}

    /// An address a line; what is none is passed over.
    init(_ text: String) {
      for line in text.split(separator: "\n").prefix(8) {
        guard let address = InternetEndpoint(numeric: String(line), port: 0)?.address else { continue }
        if address.count == 4 { ipv4 = address } else { ipv6 = address }
      }
    }
  }

  private let path: String?
  private var stamp: FileStamp?
  private var read = Addresses()

  init(_ path: String?) { self.path = path }

  /// As of now. A file that cannot be read leads nowhere.
  var current: Addresses {
    guard let path else { return read }
    let now = FileStamp(path)
    if now != stamp || now == nil {
      stamp = now
      read = (try? Files.text(path)).map { Addresses($0) } ?? Addresses()
    }
    return read
  }
}

/// A way from the shim to a container's server.
struct PortWay: Equatable {
  /// The address in the container at which the server is reached.
  let server: [UInt8]
  /// Where the shim connects with.
  let endpoint: InternetEndpoint
}

extension RelayedPort {
  /// The ways to the container, the best one first: over IPv4 by the kernel's rules, over IPv6 to it directly.
  func ways(_ targets: PortTargets.Addresses) -> [PortWay] {
    var ways: [PortWay] = []
    if let loopbackPort, let ipv4 = targets.ipv4,
      let loopback = InternetEndpoint(address: [127, 0, 0, 1], port: loopbackPort)
    {
      ways.append(PortWay(server: ipv4, endpoint: loopback))
    }
    if let ipv6 = targets.ipv6, let direct = InternetEndpoint(address: ipv6, port: containerPort) {
      ways.append(PortWay(server: ipv6, endpoint: direct))
    }
    return ways
  }
}
