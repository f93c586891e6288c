import DockerAPI
import Flags

/// `--network` with what belongs to it: the mode and the endpoints.
enum NetworkFlags {
  private struct Attachment {
    var target = ""
    var aliases: [String] = []
    var ipv4 = ""
    var ipv6 = ""
    var mac = ""
    var linkLocal: [String] = []
    var links: [String] = []
    var driverOptions: [String: String] = [:]
    var priority: Int?
  }

  /// Sets the network mode in the request and gives the endpoints to make.
  static func make(_ arguments: Arguments, _ request: inout ContainerCreateRequest) throws -> NetworkingConfig
  {
    var attachments = try (arguments.list("network") + arguments.list("net")).map(parse)
    var first = attachments.first ?? Attachment()
    try merge(arguments, &first)
    if attachments.isEmpty { attachments = [first] } else { attachments[0] = first }
    request.hostConfig.networkMode = first.target.isEmpty ? "default" : first.target
    var endpoints: [String: EndpointSettings] = [:]
    for (place, attachment) in attachments.enumerated() {
      let name = attachment.target.isEmpty ? "default" : attachment.target
      guard endpoints[name] == nil else {
        throw CommandFailure("network \"\(name)\" is specified multiple times")
      }
      if !isUserDefined(name), attachments.contains(where: { !$0.target.isEmpty && isUserDefined($0.target) })
      {
        throw CommandFailure(
          "conflicting options: cannot attach both user-defined and non-user-defined network-modes")
      }
      if place > 0 || !isSpecial(name) {
        endpoints[name] = try settings(attachment, isUserDefined: isUserDefined(name))
      }
    }
    if attachments.count == 1, !first.target.isEmpty, !isUserDefined(first.target), isEmpty(endpoints) {
      endpoints = [:]
    }
    var config = NetworkingConfig()
    config.endpointsConfig = endpoints
    return config
  }

  private static func isEmpty(_ endpoints: [String: EndpointSettings]) -> Bool {
    endpoints.values.allSatisfy { $0 == EndpointSettings() }
  }

  private static func isSpecial(_ name: String) -> Bool { name == "none" || name.hasPrefix("container:") }

  private static func isUserDefined(_ name: String) -> Bool {
    !["default", "bridge", "host", "none"].contains(name) && !name.hasPrefix("container:")
  }

  static let complaint = CommonFlags.complaint(parse)

  /// `name` or `name=net,alias=a,ip=10.0.0.2,…`
  private static func parse(_ word: String) throws -> Attachment {
    var attachment = Attachment()
    guard word.contains("=") else {
      attachment.target = word
      return attachment
    }
    for field in CommaFields.split(word) {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2 else { throw CommandFailure("invalid field \(field)") }
      switch parts[0].lowercased() {
      case "name": attachment.target = parts[1]
      case "alias": attachment.aliases.append(parts[1])
      case "ip": attachment.ipv4 = parts[1]
      case "ip6": attachment.ipv6 = parts[1]
      case "mac-address": attachment.mac = parts[1]
      case "link-local-ip": attachment.linkLocal.append(parts[1])
      case "driver-opt":
        let option = parts[1].split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
          String.init)
        guard option.count == 2 else {
          throw CommandFailure("invalid key value pair format in driver options")
        }
        attachment.driverOptions[option[0]] = option[1]
      case "gw-priority":
        guard let priority = Int(parts[1]) else { throw CommandFailure("invalid gw-priority: \(parts[1])") }
        attachment.priority = priority
      default: throw CommandFailure("invalid field key \(parts[0])")
      }
    }
    guard !attachment.target.isEmpty else { throw CommandFailure("network name/id is not specified") }
    return attachment
  }

  /// Puts the flags that stand alone into the first attachment.
  private static func merge(_ arguments: Arguments, _ first: inout Attachment) throws {
    let aliases = arguments.list("network-alias") + arguments.list("net-alias")
    if !aliases.isEmpty, !first.aliases.isEmpty {
      throw CommandFailure("conflicting options: cannot specify both --network-alias and per-network alias")
    }
    first.aliases += aliases
    first.links += arguments.list("link")
    if let address = arguments.given("ip") {
      guard first.ipv4.isEmpty else {
        throw CommandFailure("conflicting options: cannot specify both --ip and per-network IPv4 address")
      }
      guard Addresses.isIPv4(address[...]) else {
        throw CommandFailure("invalid IPv4 address: \(address)")
      }
      first.ipv4 = address
    }
    if let address = arguments.given("ip6") {
      guard Addresses.isIPv6(address[...]) else { throw CommandFailure("invalid IPv6 address: \(address)") }
      first.ipv6 = address
    }
    if let mac = arguments.given("mac-address") {
      guard Addresses.isMAC(mac) else { throw CommandFailure("\(mac) is not a valid mac address") }
      first.mac = mac
    }
    first.linkLocal += arguments.list("link-local-ip")
  }

  private static func settings(_ attachment: Attachment, isUserDefined: Bool) throws -> EndpointSettings {
    if !isUserDefined {
      guard attachment.aliases.isEmpty else {
        throw CommandFailure("network-scoped aliases are only supported for user-defined networks")
      }
    }
    var settings = EndpointSettings()
    settings.aliases = attachment.aliases.isEmpty ? nil : attachment.aliases
    settings.links = isUserDefined && !attachment.links.isEmpty ? attachment.links : nil
    settings.macAddress = attachment.mac
    settings.driverOpts = attachment.driverOptions.isEmpty ? nil : attachment.driverOptions
    settings.gwPriority = attachment.priority
    if !attachment.ipv4.isEmpty || !attachment.ipv6.isEmpty || !attachment.linkLocal.isEmpty {
      var ipam = EndpointIPAMConfig()
      ipam.ipv4Address = attachment.ipv4.isEmpty ? nil : attachment.ipv4
      ipam.ipv6Address = attachment.ipv6.isEmpty ? nil : attachment.ipv6
      ipam.linkLocalIPs = attachment.linkLocal.isEmpty ? nil : attachment.linkLocal
      settings.ipamConfig = ipam
    }
    return settings
  }
}
