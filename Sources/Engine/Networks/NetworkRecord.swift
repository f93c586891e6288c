import DockerAPI

/// What is remembered of a network across restarts.
struct NetworkRecord: Codable, Sendable, Equatable {
  enum Driver: String, Codable, Sendable { case bridge, host, null }

  var id: String
  var name: String
  /// RFC 3339.
  var created: String
  var driver: Driver
  var isInternal = false
  var attachable = false
  var enableIPv6 = false
  var options: [String: String] = [:]
  var labels: [String: String] = [:]
  var ipamOptions: [String: String] = [:]
  /// Nil for host and none, and for the default bridge before its first use.
  var addressing: Addressing?
  /// The bridge's link; empty without one.
  var bridge = ""

  static let predefinedNames = ["bridge", "host", "none"]
  var isPredefined: Bool { Self.predefinedNames.contains(name) }
  /// Names are found only in networks that a user made, as docker has it.
  var hasNames: Bool { driver == .bridge && !isPredefined }

  func flag(_ option: String, default standard: Bool) -> Bool {
    switch options[option]?.lowercased() {
    case "1", "t", "true": true
    case "0", "f", "false": false
    default: standard
    }
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
    static let linkPrefix = "com.docker.network.container_iface_prefix"
  }
}
