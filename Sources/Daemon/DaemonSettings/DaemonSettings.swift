/// How skiffd was asked to run, by its flags and its configuration file together.
public struct DaemonSettings: Sendable, Equatable {
  public enum LogLevel: String, Sendable, CaseIterable { case debug, info, warn, error, fatal }

  public struct AddressPool: Sendable, Equatable {
    public var base: String
    public var size: Int
  }

  public var dataRoot = "/var/lib/skiff"
  public var execRoot = "/run/skiff"
  /// `unix://PATH` and `tcp://HOST:PORT`; the socket below the exec root where none is given.
  public var hosts: [String] = []
  public var pidFile = ""
  /// Who besides root may use the socket.
  public var group = ""
  public var logLevel = LogLevel.info
  public var dns: [String] = []
  /// Of new networks; nil for the engine's choice.
  public var mtu: Int?
  public var addressPools: [AddressPool] = []
  /// RUN steps trust what the host trusts, and use its proxy.
  public var hostTrust = true

  /// Asked before docker.io for its images: `https://HOST[:PORT]`, plain http too.
  public var registryMirrors: [String] = []

  public init() {}
}

/// Why skiffd cannot run as it was asked to, or what it was asked to say instead.
public enum SettingsError: Error, Sendable, Equatable {
  /// Help or version: for standard output, and the program ends well.
  case text(String)
  case wrong(String)
}
