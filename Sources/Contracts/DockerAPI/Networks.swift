import JSON

/// The body of `POST /networks/create`.
public struct NetworkCreateRequest: Codable, Sendable, Equatable {
  public var name: String = ""
  public var checkDuplicate: Bool?
  public var driver: String = ""
  public var scope: String?
  public var enableIPv4: Bool?
  public var enableIPv6: Bool?
  public var ipam: IPAM?
  public var `internal`: Bool = false
  public var attachable: Bool = false
  public var ingress: Bool = false
  public var configOnly: Bool = false
  public var configFrom: ConfigReference?
  public var options: [String: String]?
  public var labels: [String: String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case name
    case checkDuplicate
    case driver
    case scope
    case enableIPv4
    case enableIPv6
    case ipam = "IPAM"
    case `internal`
    case attachable
    case ingress
    case configOnly
    case configFrom
    case options
    case labels
  }
}

public struct NetworkCreateResponse: Codable, Sendable, Equatable {
  public var id: String = ""
  public var warning: String = ""
  public init() {}
}

/// The answer of `GET /networks/{id}`.
public struct NetworkResource: Codable, Sendable, Equatable {
  public var name: String = ""
  public var id: String = ""
  public var created: String = ""
  public var scope: String = ""
  public var driver: String = ""
  public var enableIPv4: Bool = false
  public var enableIPv6: Bool = false
  public var ipam: IPAM = IPAM()
  public var `internal`: Bool = false
  public var attachable: Bool = false
  public var ingress: Bool = false
  public var configFrom: ConfigReference = ConfigReference()
  public var configOnly: Bool = false
  public var containers: [String: EndpointResource] = [:]
  public var options: [String: String] = [:]
  public var labels: [String: String] = [:]
  public init() {}

  enum CodingKeys: String, CodingKey {
    case name
    case id
    case created
    case scope
    case driver
    case enableIPv4
    case enableIPv6
    case ipam = "IPAM"
    case `internal`
    case attachable
    case ingress
    case configFrom
    case configOnly
    case containers
    case options
    case labels
  }
}

public struct ConfigReference: Codable, Sendable, Equatable {
  public var network: String = ""
  public init() {}
}

public struct IPAM: Codable, Sendable, Equatable {
  public var driver: String = ""
  public var options: [String: String]?
  public var config: [IPAMConfig]?
  public init() {}
}

extension IPAM: NilWriting {
  public static func writesNil(_ key: any CodingKey) -> Bool { true }
}

public struct IPAMConfig: Codable, Sendable, Equatable {
  public var subnet: String?
  public var ipRange: String?
  public var gateway: String?
  public var auxiliaryAddresses: [String: String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case subnet
    case ipRange = "IPRange"
    case gateway
    case auxiliaryAddresses
  }
}

public struct EndpointResource: Codable, Sendable, Equatable {
  public var name: String = ""
  public var endpointID: String = ""
  public var macAddress: String = ""
  public var ipv4Address: String = ""
  public var ipv6Address: String = ""
  public init() {}

  enum CodingKeys: String, CodingKey {
    case name
    case endpointID = "EndpointID"
    case macAddress
    case ipv4Address = "IPv4Address"
    case ipv6Address = "IPv6Address"
  }
}

/// How a container stands in a network: wished for in requests, filled in in answers.
public struct EndpointSettings: Codable, Sendable, Equatable {
  public var ipamConfig: EndpointIPAMConfig?
  public var links: [String]?
  public var aliases: [String]?
  public var macAddress: String = ""
  public var driverOpts: [String: String]?
  public var gwPriority: Int?
  public var networkID: String = ""
  public var endpointID: String = ""
  public var gateway: String = ""
  public var ipAddress: String = ""
  public var ipPrefixLen: Int = 0
  public var ipv6Gateway: String = ""
  public var globalIPv6Address: String = ""
  public var globalIPv6PrefixLen: Int = 0
  public var dnsNames: [String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case ipamConfig = "IPAMConfig"
    case links
    case aliases
    case macAddress
    case driverOpts
    case gwPriority
    case networkID = "NetworkID"
    case endpointID = "EndpointID"
    case gateway
    case ipAddress = "IPAddress"
    case ipPrefixLen = "IPPrefixLen"
    case ipv6Gateway = "IPv6Gateway"
    case globalIPv6Address
    case globalIPv6PrefixLen
    case dnsNames = "DNSNames"
  }

  /// As dockerd writes it: what is not set is null where clients look for the key.
  public func encode(to encoder: any Encoder) throws {
    var fields = encoder.container(keyedBy: CodingKeys.self)
    try fields.encode(ipamConfig, forKey: .ipamConfig)
    try fields.encode(links, forKey: .links)
    try fields.encode(aliases, forKey: .aliases)
    try fields.encode(macAddress, forKey: .macAddress)
    try fields.encode(driverOpts, forKey: .driverOpts)
    try fields.encodeIfPresent(gwPriority, forKey: .gwPriority)
    try fields.encode(networkID, forKey: .networkID)
    try fields.encode(endpointID, forKey: .endpointID)
    try fields.encode(gateway, forKey: .gateway)
    try fields.encode(ipAddress, forKey: .ipAddress)
    try fields.encode(ipPrefixLen, forKey: .ipPrefixLen)
    try fields.encode(ipv6Gateway, forKey: .ipv6Gateway)
    try fields.encode(globalIPv6Address, forKey: .globalIPv6Address)
    try fields.encode(globalIPv6PrefixLen, forKey: .globalIPv6PrefixLen)
    try fields.encode(dnsNames, forKey: .dnsNames)
  }
}

extension EndpointSettings {
  /// The addresses that were assigned, IPv4 first.
  public var assignedAddresses: [String] { [ipAddress, globalIPv6Address].filter { !$0.isEmpty } }

  /// The network's gateway: over IPv4, or where there is none over IPv6.
  public var someGateway: String? { [gateway, ipv6Gateway].first { !$0.isEmpty } }
}

public struct EndpointIPAMConfig: Codable, Sendable, Equatable {
  public var ipv4Address: String?
  public var ipv6Address: String?
  public var linkLocalIPs: [String]?
  public init() {}

  enum CodingKeys: String, CodingKey {
    case ipv4Address = "IPv4Address"
    case ipv6Address = "IPv6Address"
    case linkLocalIPs = "LinkLocalIPs"
  }
}

public struct NetworkConnectRequest: Codable, Sendable, Equatable {
  public var container: String = ""
  public var endpointConfig: EndpointSettings?
  public init() {}
}

public struct NetworkDisconnectRequest: Codable, Sendable, Equatable {
  public var container: String = ""
  public var force: Bool = false
  public init() {}
}
