import DockerAPI

/// A container's network namespace and what is in it. It lives in the exec root and as long as the kernel's side of
/// it: until the container ends or the host does.
struct SandboxRecord: Codable, Sendable, Equatable {
  /// The container's id.
  var id: String
  var name: String
  var resolver = ResolverWishes()
  /// It has no IPv6, whatever its networks have; nil means that it has.
  var withoutIPv6: Bool?
  /// In the order in which they were connected.
  var endpoints: [EndpointRecord] = []
  var ports: [PublishedPort] = []

  func endpoint(in networkID: String) -> EndpointRecord? { endpoints.first { $0.networkID == networkID } }
}

/// A container's end of a network.
struct EndpointRecord: Codable, Sendable, Equatable {
  var id: String
  var networkID: String
  var wish: EndpointSettings
  /// Nil in the network none.
  var link: EndpointLink?
}

/// The veth pair of an endpoint, or its macvlan link.
struct EndpointLink: Codable, Sendable, Equatable {
  /// On the host, a port of the bridge; nil where nothing of it is on the host.
  var hostName: String?
  /// In the sandbox: `eth0`.
  var guestName: String
  /// Nil in networks without IPv4.
  var address: IPv4Address?
  /// Nil in networks without IPv6.
  var address6: IPv6Address?
  var macAddress: String

  /// All of it is inside.
  var isMacvlan: Bool { hostName == nil }

  var addresses: AddressPair { AddressPair(ipv4: address, ipv6: address6) }
}

extension EndpointLink {
  /// In records of earlier engines an empty `hostName` is what nil is now.
  init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    let hostName = try values.decodeIfPresent(String.self, forKey: .hostName)
    self.init(
      hostName: hostName == "" ? nil : hostName,
      guestName: try values.decode(String.self, forKey: .guestName),
      address: try values.decodeIfPresent(IPv4Address.self, forKey: .address),
      address6: try values.decodeIfPresent(IPv6Address.self, forKey: .address6),
      macAddress: try values.decode(String.self, forKey: .macAddress))
  }
}

/// One port of the host that leads to a container.
struct PublishedPort: Codable, Hashable, Sendable {
  enum Transport: String, Codable, Sendable { case tcp, udp }
  var transport: Transport
  var containerPort: UInt16
  var hostAddress: HostAddress
  var hostPort: UInt16
  /// The port of 127.0.0.1 that leads there for the shim, which passes on what comes over IPv6; nil over IPv4, and
  /// where the same port of all IPv4 addresses is published too.
  var ownLoopbackPort: UInt16?
}

/// What `--dns` and its kin ask for; empty lists take the host's.
public struct ResolverWishes: Codable, Sendable, Equatable {
  public var servers: [String]
  public var search: [String]
  public var options: [String]

  public init(servers: [String] = [], search: [String] = [], options: [String] = []) {
    self.servers = servers
    self.search = search
    self.options = options
  }
}
