import DockerAPI
import EngineErrors
import Flags
import Netlink

/// What is remembered of a network across restarts.
struct NetworkRecord: Codable, Sendable, Equatable {
  enum Driver: String, Codable, Sendable {
    case bridge, macvlan, host, null

    /// Containers get links and addresses of their own.
    var givesLinks: Bool { self == .bridge || self == .macvlan }
  }

  var id: String
  var name: String
  /// RFC 3339.
  var created: String
  var driver: Driver
  var isInternal = false
  var attachable = false
  /// Nil in records of engines that had no networks without IPv4.
  var enableIPv4: Bool?
  var enableIPv6 = false
  var options: [String: String] = [:]
  var labels: [String: String] = [:]
  var ipamOptions: [String: String] = [:]
  /// Nil for host and none, and for the default bridge before its first use.
  var addressing: Addressing<IPv4Address>?
  var addressing6: Addressing<IPv6Address>?
  /// The bridge's link; empty without one.
  var bridge = ""

  var plan: AddressPlan {
    get { AddressPlan(ipv4: addressing, ipv6: addressing6) }
    set { (addressing, addressing6) = (newValue.ipv4, newValue.ipv6) }
  }

  /// Whether its containers get addresses of the family.
  var hasIPv4: Bool { driver.givesLinks && enableIPv4 != false }
  var hasIPv6: Bool { driver.givesLinks && enableIPv6 }

  static let predefinedNames = ["bridge", "host", "none"]
  var isPredefined: Bool { Self.predefinedNames.contains(name) }
  /// Names are found only in networks that a user made, as docker has it.
  var hasNames: Bool { driver.givesLinks && !isPredefined }

  func flag(_ option: String, default standard: Bool) -> Bool {
    options[option].flatMap(GoValues.bool) ?? standard
  }

  /// What a macvlan network shares and how, in docker's words where it cannot be.
  func macvlan() throws(EngineError) -> (parent: String, mode: NetlinkRequest.MacvlanMode) {
    guard let parent = options[Option.parent], !parent.isEmpty else {
      throw EngineError(
        .invalidArgument, "a macvlan network needs the host's link that it shares: -o parent=eth0")
    }
    guard parent != "lo" else {
      throw EngineError(.invalidArgument, "loopback interface is not a valid macvlan parent link")
    }
    let modes: [String: NetlinkRequest.MacvlanMode] = [
      "": .bridge, "bridge": .bridge, "private": .private, "vepa": .vepa, "passthru": .passthru,
    ]
    let word = options[Option.macvlanMode] ?? ""
    guard let mode = modes[word] else {
      throw EngineError(
        .invalidArgument,
        "requested macvlan mode '\(word)' is not valid, 'bridge' mode is the macvlan driver default")
    }
    return (parent, mode)
  }

  /// The network `bridge`, as the engine is set up now.
  func updated(_ defaults: NetworkDefaults) -> NetworkRecord {
    var record = self
    record.enableIPv6 = defaults.bridgeHasIPv6
    if let subnet = defaults.bridgeSubnet6 {
      record.addressing6 = Addressing(subnet: subnet, gateway: subnet.second, chosenByUser: true)
    } else if !defaults.bridgeHasIPv6 || addressing6?.chosenByUser == true {
      record.addressing6 = nil
    }
    return record
  }

  /// Refuses values that mean nothing, in docker's words: taken for the standard a network would be more open than was
  /// asked for.
  func checkOptions() throws(EngineError) {
    if let mtu = options[Option.mtu] { _ = try Bridges.mtu(mtu) }
    guard driver == .bridge else { return }
    for option in [Option.interContainer, Option.masquerade, Option.defaultBridge] {
      try check(option, GoValues.complaintAboutBool)
    }
    try check(Option.hostAddress) { HostAddress($0) == nil ? "nil ip" : nil }
  }

  private func check(_ option: String, _ complaint: (String) -> String?) throws(EngineError) {
    guard let value = options[option], let complaint = complaint(value) else { return }
    throw EngineError(.invalidArgument, "failed to parse \(option) value: \(value) (\(complaint))")
  }

  var allowsTrafficInside: Bool { flag(Option.interContainer, default: true) }
  var masquerades: Bool { flag(Option.masquerade, default: true) && !isInternal }

  /// Docker's names of the bridge driver's options.
  enum Option {
    static let bridgeName = "com.docker.network.bridge.name"
    static let interContainer = "com.docker.network.bridge.enable_icc"
    static let masquerade = "com.docker.network.bridge.enable_ip_masquerade"
    static let hostAddress = "com.docker.network.bridge.host_binding_ipv4"
    static let defaultBridge = "com.docker.network.bridge.default_bridge"
    static let mtu = "com.docker.network.driver.mtu"
    /// Of macvlan: the link of the host that is shared, and how.
    static let parent = "parent"
    static let macvlanMode = "macvlan_mode"
    static let linkPrefix = "com.docker.network.container_iface_prefix"
  }
}
