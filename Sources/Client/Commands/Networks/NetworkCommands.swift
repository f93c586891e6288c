import Credentials
import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI
import TextFormats

/// `skiff network ls`
enum ListNetworksCommand {
  static let entry = CommandEntry("ls", aliases: ["list"], "List networks") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS]", summary: "List networks", words: .none,
      flags: [
        CommonFlags.filter, CommonFlags.formatTable, CommonFlags.noTruncation,
        .bool("quiet|q", "Only display network IDs"),
      ],
      aliases: aliases("network ls", "network list"))
    return Command(syntax, run)
  }

  private static let listing = Listing(
    columns: [
      ("CreatedAt", "CREATED AT"), ("Driver", "DRIVER"), ("ID", "NETWORK ID"), ("IPv4", "IPV4"),
      ("IPv6", "IPV6"), ("Internal", "INTERNAL"),
      ("Labels", "LABELS"), ("Name", "NAME"), ("Scope", "SCOPE"),
    ], standard: ["ID", "Name", "Driver", "Scope"],
    raw: [("network_id", "ID"), ("name", "Name"), ("driver", "Driver"), ("scope", "Scope")],
    quiet: ("network_id", "ID"))

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    var format = arguments.string("format")
    if format.isEmpty, !arguments.bool("quiet") { format = session.config().text("networksFormat") }
    let truncates = !arguments.bool("no-trunc")
    let networks = try await session.engine().networks(filters: CommonFlags.filters(arguments.list("filter")))
    let rows = networks.sorted { $0.name < $1.name }.map { network in
      let fields: [(String, String)] = [
        (
          "CreatedAt", Timestamp(rfc3339: network.created).map { LocalTime($0).goTextNano } ?? network.created
        ), ("Driver", network.driver),
        ("ID", truncates ? shortened(network.id) : network.id),
        ("IPv4", "\(network.enableIPv4)"), ("IPv6", "\(network.enableIPv6)"),
        ("Internal", "\(network.internal)"), ("Labels", joined(network.labels)),
        ("Name", network.name), ("Scope", network.scope),
      ]
      return TemplateRecord.row(fields, "*network.networkContext", labels: network.labels)
    }
    StandardStream.output.write(try listing.text(format, isQuiet: arguments.bool("quiet"), rows))
    return 0
  }
}

/// `skiff network rm`
enum RemoveNetworksCommand {
  static let entry = CommandEntry("rm", aliases: ["remove"], "Remove one or more networks") { path in
    let syntax = CommandSyntax(
      path, "NETWORK [NETWORK...]", summary: "Remove one or more networks", words: .atLeast(1),
      flags: [.bool("force|f", "Do not error if the network does not exist")],
      aliases: aliases("network rm", "network remove"))
    return Command(syntax) { arguments, session in
      let client = try await session.engine()
      let force = arguments.bool("force")
      return await forEach(arguments.words) { name in
        do {
          try await client.removeNetwork(name)
        } catch let error as APIError where force && error.isNotFound {
          return nil
        }
        return name
      }
    }
  }
}

/// `skiff network disconnect`
enum DisconnectNetworkCommand {
  static let entry = CommandEntry("disconnect", "Disconnect a container from a network") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NETWORK CONTAINER", summary: "Disconnect a container from a network",
      words: .exactly(2),
      flags: [.bool("force|f", "Force the container to disconnect from a network")])
    return Command(syntax) { arguments, session in
      try await session.engine().disconnectNetwork(
        arguments.words[0], container: arguments.words[1], force: arguments.bool("force"))
      return 0
    }
  }
}

/// `skiff network connect`
enum ConnectNetworkCommand {
  static let entry = CommandEntry("connect", "Connect a container to a network") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] NETWORK CONTAINER", summary: "Connect a container to a network", words: .exactly(2),
      flags: [
        .strings("alias", "Add network-scoped alias for the container"),
        .strings("driver-opt", "Driver options for the network"),
        .int("gw-priority", "The network with the highest gives the default gateway; may be negative"),
        .string("ip", "IPv4 address (e.g., \"172.30.100.104\")"),
        .string("ip6", "IPv6 address (e.g., \"2001:db8::33\")"),
        .list("link", "Add link to another container"),
        .strings("link-local-ip", "Add a link-local address for the container"),
      ])
    return Command(syntax) { arguments, session in
      var request = NetworkConnectRequest()
      request.container = arguments.words[1]
      guard arguments.list("driver-opt").allSatisfy({ $0.contains("=") }) else {
        throw CommandFailure("invalid key/value pair format in driver options")
      }
      request.endpointConfig = settings(arguments)
      try await session.engine().connectNetwork(arguments.words[0], request)
      return 0
    }
  }

  static func settings(_ arguments: Arguments) -> EndpointSettings {
    var settings = EndpointSettings()
    settings.aliases = arguments.isSet("alias") ? arguments.list("alias") : nil
    settings.links = arguments.isSet("link") ? arguments.list("link") : nil
    settings.driverOpts = arguments.isSet("driver-opt") ? arguments.map("driver-opt") : nil
    settings.gwPriority = arguments.isSet("gw-priority") ? arguments.int("gw-priority") : nil
    var ipam = EndpointIPAMConfig()
    ipam.ipv4Address = arguments.given("ip")
    ipam.ipv6Address = arguments.given("ip6")
    ipam.linkLocalIPs = arguments.isSet("link-local-ip") ? arguments.list("link-local-ip") : nil
    if ipam != EndpointIPAMConfig() { settings.ipamConfig = ipam }
    return settings
  }
}
