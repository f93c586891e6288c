import Assembly
import Containers
import DaemonSettings
import EngineErrors
import Linux
import Networks

/// What only the machine and the engine's rooms can say about settings; nothing is opened or changed.
enum SettingTrial {
  /// Throws what would keep an engine with these settings from working.
  static func check(_ settings: DaemonSettings, _ engine: EngineSettings) throws {
    for address in settings.dns where InternetEndpoint(numeric: address, port: 53) == nil {
      throw DoorError(description: "invalid dns \(address): it is no IP address")
    }
    var networks = NetworkDefaults(execRoot: engine.execRoot, mark: engine.mark)
    try networks.usePools(engine.addressPools)
    if engine.bridgeHasIPv6 { try networks.giveBridgeIPv6(engine.bridgeSubnet6) }
    try LogWishes.check(engine.defaultLog)
    for group in [settings.group] + settings.sockets.map(\.group) where !group.isEmpty {
      _ = try Groups.number(group, mustExist: true)
    }
    if let tls = settings.tls { _ = try serverContext(tls) }
  }
}
