import DockerAPI

/// How skiffd was asked to run, by its flags and its configuration file together.
public struct DaemonSettings: Sendable, Equatable {
  public enum LogLevel: String, Sendable, CaseIterable { case debug, info, warn, error, fatal }

  public struct AddressPool: Sendable, Equatable {
    public var base: String
    public var size: Int
  }

  public var dataRoot = "/var/lib/skiff"
  public var execRoot = "/run/skiff"
  /// `unix://PATH`, `tcp://HOST:PORT` and `fd://`; the socket below the exec root where none is given.
  public var hosts: [String] = []
  /// For TCP; nil without TLS.
  public var tls: TLSFiles?
  /// Doors that open less than everything.
  public var sockets: [ScopedSocket] = []
  public var pidFile = ""
  /// Who besides root may use the socket.
  public var group = ""
  public var dns: [String] = []
  /// Of new networks; nil for the engine's choice.
  public var mtu: Int?
  public var addressPools: [AddressPool] = []
  /// The default bridge has IPv6 too.
  public var ipv6 = false
  /// Its subnet; empty takes one of the pools.
  public var fixedCIDRv6 = ""
  /// Of containers that name no driver of their own: json-file, local or none.
  public var logDriver = "json-file"
  /// Of containers that have this driver, where they say nothing else.
  public var logOptions: [String: String] = [:]
  /// Of containers that say nothing else about the same limit; sorted by name.
  public var ulimits: [Ulimit] = []
  /// RUN steps trust what the host trusts, and use its proxy.
  public var hostTrust = true
  /// `HOST:PORT` where Prometheus may ask; nil for nowhere.
  public var metricsAddress: String?
  public var reloadable = ReloadableSettings()
  /// The settings are only to be checked.
  public var isTrial = false
  /// What the settings were read from, for whoever complains about them.
  public var origin = ""

  public init() {}
}

/// What a running engine takes over from its configuration file at SIGHUP.
public struct ReloadableSettings: Sendable, Equatable {
  public var logLevel = DaemonSettings.LogLevel.info
  /// `key=value`, told by `info`.
  public var labels: [String] = []
  /// Asked before docker.io for its images: `https://HOST[:PORT]`, plain http too.
  public var registryMirrors: [String] = []
  /// Hosts, and networks as `10.0.0.0/8`, whose registries need not speak TLS.
  public var insecureRegistries: [String] = []
  /// Containers live on when the daemon ends; without it they are stopped first.
  public var liveRestore = true
  /// Layers that arrive at once; 0 for as many as the engine can.
  public var maxConcurrentDownloads = 3
  /// Layers that are sent at once; 0 for as many as the engine can.
  public var maxConcurrentUploads = 5
  /// How often a layer whose connection breaks is begun; at least 1.
  public var maxDownloadAttempts = 5
  /// How many seconds containers are given that are stopped at the daemon's end; negative for as many as they need.
  public var shutdownTimeout = 15

  public init() {}
}

/// The files of TLS on a TCP port, as dockerd takes them.
public struct TLSFiles: Sendable, Equatable {
  /// Who must have signed the certificates of clients.
  public var authorities: String
  /// Empty where it was not given and does not stand at its usual place.
  public var certificate: String
  public var key: String
  /// Clients need a certificate.
  public var verifies: Bool

  public init(authorities: String, certificate: String, key: String, verifies: Bool) {
    self.authorities = authorities
    self.certificate = certificate
    self.key = key
    self.verifies = verifies
  }
}

/// Why skiffd cannot run as it was asked to, or what it was asked to say instead.
public enum SettingsError: Error, Sendable, Equatable {
  /// Help or version: for standard output, and the program ends well.
  case text(String)
  case wrong(String)
}
