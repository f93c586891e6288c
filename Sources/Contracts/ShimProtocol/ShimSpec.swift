/// What a shim must know to look after one container while the daemon is away. Kept as `shim.json`.
public struct ShimSpec: Codable, Sendable, Equatable {
  public var id: String
  /// The OCI bundle: holds `config.json`; its `rootfs` is where the overlay is mounted.
  public var bundle: String
  public var rootFileSystem: RootFileSystem
  /// `skiff-runtime --root`.
  public var stateRoot: String
  public var socket: String
  /// Where the exit is written durably before anyone is told.
  public var exitFile: String
  /// The container's resolver configuration; nil where 127.0.0.11 is not served.
  public var dnsFile: String?
  /// The pinned network namespace in which 127.0.0.11 is served.
  public var networkNamespace: String?
  public var log: LogOptions
  public var terminal: Bool
  public var openStdin: Bool
  /// Standard input is closed when the first attached client closes it.
  public var stdinOnce: Bool
  public var restart: RestartPolicy
  public var health: HealthCheck?
  public var copyUps: [CopyUp]
  public var stopSignal: Int32
  /// Columns and rows of a terminal at the start.
  public var consoleSize: ConsoleSize?
  /// Another OCI runtime's program, driven by its command line; nil takes the one inside the shim.
  public var runtime: String?
  /// How many descriptors from 4 on keep published ports from others; closed before anybody hears of the end. Nil: none.
  public var keptPorts: Int?
  /// Those of them whose clients the shim itself connects with the container. Nil: none.
  public var relayedPorts: [RelayedPort]?
  /// The daemon's file with the addresses that published ports lead to now, one a line. Nil where nothing is passed on.
  public var portTargets: String?
  /// Directories that the sources of mounts must not leave, and not through symbolic links either, by the source's path;
  /// nil for none.
  public var confinedSources: [String: String]?
  /// Images that the container mounts, ready before its bundle's mounts are made; nil for none.
  public var imageMounts: [ImageMount]?
  /// What becomes of a container that has become unhealthy; nil leaves it as it is.
  public var onUnhealthy: UnhealthyAction?

  public init(
    id: String, bundle: String, rootFileSystem: RootFileSystem, stateRoot: String, socket: String,
    exitFile: String,
    dnsFile: String? = nil, networkNamespace: String? = nil, log: LogOptions, terminal: Bool = false,
    openStdin: Bool = false, stdinOnce: Bool = false, restart: RestartPolicy = .no,
    health: HealthCheck? = nil,
    copyUps: [CopyUp] = [], stopSignal: Int32 = 15, consoleSize: ConsoleSize? = nil,
    runtime: String? = nil, keptPorts: Int? = nil, relayedPorts: [RelayedPort]? = nil,
    portTargets: String? = nil, confinedSources: [String: String]? = nil, imageMounts: [ImageMount]? = nil,
    onUnhealthy: UnhealthyAction? = nil
  ) {
    self.id = id
    self.bundle = bundle
    self.rootFileSystem = rootFileSystem
    self.stateRoot = stateRoot
    self.socket = socket
    self.exitFile = exitFile
    self.dnsFile = dnsFile
    self.networkNamespace = networkNamespace
    self.log = log
    self.terminal = terminal
    self.openStdin = openStdin
    self.stdinOnce = stdinOnce
    self.restart = restart
    self.health = health
    self.copyUps = copyUps
    self.stopSignal = stopSignal
    self.consoleSize = consoleSize
    self.runtime = runtime
    self.keptPorts = keptPorts
    self.onUnhealthy = onUnhealthy
    self.relayedPorts = relayedPorts
    self.portTargets = portTargets
    self.confinedSources = confinedSources
    self.imageMounts = imageMounts
  }
}

/// A published port whose clients come over IPv6 and whom the kernel does not lead to the container: the shim passes on
/// what they send.
public struct RelayedPort: Codable, Sendable, Equatable {
  public enum Transport: String, Codable, Sendable { case tcp, udp }
  /// Which of the kept sockets it is, counted from 0.
  public var socket: Int
  public var transport: Transport
  /// Where the container's server listens.
  public var containerPort: UInt16
  /// The port of 127.0.0.1 from where the kernel's rules lead to it over IPv4; nil where the container has none.
  public var loopbackPort: UInt16?
  public init(socket: Int, transport: Transport, containerPort: UInt16, loopbackPort: UInt16? = nil) {
    self.socket = socket
    self.transport = transport
    self.containerPort = containerPort
    self.loopbackPort = loopbackPort
  }
}

/// Where output goes besides attached clients.
public struct LogOptions: Codable, Sendable, Equatable {
  /// nil keeps no log (`--log-driver none`, build steps).
  public var path: String?
  /// A file is rotated when it would grow beyond this many bytes.
  public var maximumSize: Int64
  /// How many files are kept, the current one included.
  public var maximumFiles: Int
  /// Rotated files are packed by gzip; nil means no.
  public var compress: Bool?

  public init(path: String?, maximumSize: Int64 = 10 << 20, maximumFiles: Int = 5, compress: Bool = false) {
    self.path = path
    self.compress = compress
    self.maximumSize = maximumSize
    self.maximumFiles = maximumFiles
  }
}

public struct RestartPolicy: Codable, Sendable, Equatable {
  public enum Name: String, Codable, Sendable {
    case no, always, onFailure = "on-failure", unlessStopped = "unless-stopped"
  }
  public var name: Name
  /// For `on-failure`: 0 means without end.
  public var maximumRetries: Int
  public init(_ name: Name, maximumRetries: Int = 0) {
    self.name = name
    self.maximumRetries = maximumRetries
  }
  public static let no = RestartPolicy(.no)
}

/// What the shim does about a container that has become unhealthy.
public enum UnhealthyAction: String, Codable, Sendable, CaseIterable {
  /// Stops it and starts it again, whatever the restart policy, with the policy's pauses and at most its retries.
  case restart
  /// Kills it; the restart policy decides what follows.
  case kill
  /// Stops it as the user would: no restart follows.
  case stop
}

/// A probe run inside the container; durations in nanoseconds as in Docker's API.
public struct HealthCheck: Codable, Sendable, Equatable {
  /// The command, where there is no target.
  public var arguments: [String]
  /// What the shim looks at by itself.
  public var target: ProbeTarget?
  /// Why every probe fails: the URL that was to be the target is none.
  public var refusal: String?
  public var interval: Int64
  public var timeout: Int64
  public var startPeriod: Int64
  public var startInterval: Int64
  public var retries: Int
  public init(
    arguments: [String], target: ProbeTarget? = nil, refusal: String? = nil, interval: Int64, timeout: Int64,
    startPeriod: Int64, startInterval: Int64, retries: Int
  ) {
    self.arguments = arguments
    self.target = target
    self.refusal = refusal
    self.interval = interval
    self.timeout = timeout
    self.startPeriod = startPeriod
    self.startInterval = startInterval
    self.retries = retries
  }
}

/// An empty volume that takes over what the image holds at its mount point, before the first start.
public struct CopyUp: Codable, Sendable, Equatable {
  /// The path inside the container.
  public var destination: String
  /// The volume's directory on the host.
  public var volume: String
  public init(destination: String, volume: String) {
    self.destination = destination
    self.volume = volume
  }
}

public struct ConsoleSize: Codable, Sendable, Equatable {
  public var columns: UInt16
  public var rows: UInt16
  public init(columns: UInt16, rows: UInt16) {
    self.columns = columns
    self.rows = rows
  }
}
