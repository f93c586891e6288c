import DockerAPI
import DockerClient
import Flags
import TerminalUI

/// `skiff network create`
enum CreateNetworkCommand {
  static let entry = CommandEntry("create", "Create a network") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NETWORK", summary: "Create a network", words: .exactly(1),
      flags: [
        .bool("attachable", "Enable manual container attachment"),
        .list(
          "aux-address", "Auxiliary IPv4 or IPv6 addresses used by Network driver (default map[])",
          typeName: "map"),
        .string("config-from", "The network from which to copy the configuration"),
        .bool("config-only", "Create a configuration only network"),
        Flag(
          "driver|d", .one, typeName: "string", "Driver to manage the Network", standard: "bridge",
          shownDefault: "\"bridge\""),
        .strings("gateway", "IPv4 or IPv6 Gateway for the master subnet"),
        .bool("ingress", "Create swarm routing-mesh network").hidden,
        .bool("internal", "Restrict external access to the network"),
        .strings("ip-range", "Allocate container ip from a sub-range"),
        .string("ipam-driver", "IP Address Management Driver", default: "default"),
        .list("ipam-opt", "Set IPAM driver specific options (default map[])", typeName: "map"),
        .bool("ipv4", "Enable or disable IPv4 address assignment", default: true),
        .bool("ipv6", "Enable or disable IPv6 address assignment"),
        .list("label", "Set metadata on a network", check: CommonFlags.complaintAboutLabel),
        .list("opt|o", "Set driver specific options (default map[])", typeName: "map"),
        .string("scope", "Control the network's scope"),
        .strings("subnet", "Subnet in CIDR format that represents a network segment"),
      ])
    return Command(syntax) { arguments, session in
      let answer = try await session.engine().createNetwork(try request(arguments))
      if !answer.warning.isEmpty { StandardStream.error.line("WARNING: \(answer.warning)") }
      StandardStream.output.line(answer.id)
      return 0
    }
  }

  static func request(_ arguments: Arguments) throws -> NetworkCreateRequest {
    var request = NetworkCreateRequest()
    request.name = arguments.words[0]
    // Engines before API 1.44 make a second network of the same name otherwise.
    request.checkDuplicate = true
    request.driver = arguments.string("driver")
    request.options = arguments.map("opt")
    request.labels = arguments.map("label")
    request.internal = arguments.bool("internal")
    request.attachable = arguments.bool("attachable")
    request.ingress = arguments.bool("ingress")
    request.configOnly = arguments.bool("config-only")
    request.scope = arguments.given("scope")
    request.enableIPv4 = arguments.isSet("ipv4") ? arguments.bool("ipv4") : nil
    request.enableIPv6 = arguments.isSet("ipv6") ? arguments.bool("ipv6") : nil
    if let from = arguments.given("config-from") {
      request.configFrom = ConfigReference()
      request.configFrom?.network = from
    }
    var ipam = IPAM()
    ipam.driver = arguments.string("ipam-driver")
    ipam.options = arguments.map("ipam-opt")
    ipam.config = try pools(arguments)
    request.ipam = ipam
    return request
  }

  /// Puts ranges, gateways and spare addresses to the subnets they lie in.
  private static func pools(_ arguments: Arguments) throws -> [IPAMConfig] {
    let subnets = try arguments.list("subnet").map { text in
      guard let subnet = Subnet(text) else {
        throw CommandFailure("invalid subnet: invalid CIDR address: \(text)")
      }
      return (text, subnet)
    }
    if subnets.isEmpty, arguments.isSet("ip-range") || arguments.isSet("gateway") {
      throw CommandFailure("every ip-range or gateway must have a corresponding subnet")
    }
    for (place, (_, subnet)) in subnets.enumerated() {
      for other in subnets[..<place] where subnet.overlaps(other.1) {
        throw CommandFailure("multiple overlapping subnet configuration is not supported")
      }
    }
    var pools = subnets.map { text, _ in
      var pool = IPAMConfig()
      pool.subnet = text
      return pool
    }
    func place(_ address: String) -> Int? { subnets.firstIndex { $0.1.holds(address) } }
    for range in arguments.list("ip-range") {
      guard Subnet(range) != nil else { throw CommandFailure("invalid CIDR address: \(range)") }
      guard let place = place(String(range.prefix { $0 != "/" })) else {
        throw CommandFailure("no matching subnet for range \(range)")
      }
      guard pools[place].ipRange == nil else {
        throw CommandFailure(
          "cannot configure multiple ranges (\(range), \(pools[place].ipRange ?? "")) on the same subnet (\(subnets[place].0))"
        )
      }
      pools[place].ipRange = range
    }
    for gateway in arguments.list("gateway") {
      guard let place = place(gateway) else {
        throw CommandFailure("no matching subnet for gateway \(gateway)")
      }
      guard pools[place].gateway == nil else {
        throw CommandFailure(
          "cannot configure multiple gateways (\(gateway), \(pools[place].gateway ?? "")) for the same subnet (\(subnets[place].0))"
        )
      }
      pools[place].gateway = gateway
    }
    for (name, address) in arguments.map("aux-address").sorted(by: { $0.key < $1.key }) {
      guard let place = place(address) else {
        throw CommandFailure("no matching subnet for aux-address \(address)")
      }
      pools[place].auxiliaryAddresses = (pools[place].auxiliaryAddresses ?? [:]).merging([name: address]) {
        $1
      }
    }
    return pools
  }
}
