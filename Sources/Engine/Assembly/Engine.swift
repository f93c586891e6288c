import Builder
import Cgroups
import Containers
import ContentStore
import DockerAPI
import EngineErrors
import Events
import Images
import Linux
import Networks
import Records
import Registry
import Snapshots
import Supervision
import Volumes

/// One engine over its directories: every store opened and wired to the others.
public struct Engine: Sendable {
  public let settings: EngineSettings
  /// What the engine is known by, as long as its data root is there.
  public let id: String
  public let events: Events
  public let images: Images
  public let volumes: Volumes
  public let networks: Networks
  public let containers: Containers
  public let builder: Builder
  public let snapshots: Snapshots
  private let memory: MemoryDirectory

  /// Opens the stores, finds running containers again and sweeps what a crash left half-done.
  public static func open(_ settings: EngineSettings) async throws(EngineError) -> Engine {
    try failing(.internal, "opening \(settings.dataRoot)") {
      for directory in ["", "/containers", "/tmp"] {
        try Files.makeDirectories(settings.dataRoot + directory, mode: 0o711)
      }
      for directory in ["", "/shims", "/runtime", "/netns"] {
        try Files.makeDirectories(settings.execRoot + directory, mode: 0o711)
      }
    }
    let id = try failing(.internal, "reading the engine's id") { try EngineID.read(settings.dataRoot) }
    let database = try Database(path: "\(settings.dataRoot)/skiff.db")
    let events = Events()
    let snapshots = try Snapshots(dataRoot: settings.dataRoot, database: database)
    let images = try await Images(
      database: database, content: try ContentStore(dataRoot: settings.dataRoot), snapshots: snapshots,
      events: events,
      registry: Registry(
        mirrors: settings.registryMirrors, insecure: settings.insecureRegistries, limits: settings.transfers))
    let volumes = try Volumes(dataRoot: settings.dataRoot, database: database, events: events)
    let networks = try Networks(
      database: database, events: events, defaults: try networkDefaults(settings, id))
    let supervisor = Supervisor(
      shimPath: settings.shimPath, execRoot: settings.execRoot, openFiles: settings.openFiles)
    let containers = try Containers(
      ContainerServices(
        images: images, snapshots: snapshots, networks: networks, volumes: volumes, supervisor: supervisor,
        events: events, database: database, settings: try containerSettings(settings)))
    let memory = try MemoryDirectory(
      named: "skiff-builds\(settings.mark.isEmpty ? "" : "-\(settings.mark)")", in: ["/run", "/dev/shm"])
    let steps = BuildSteps(supervisor: supervisor, networks: networks, settings: settings, memory: memory)
    let builder = try Builder(
      images: BuildImages(images: images), snapshots: snapshots, database: database, runner: steps,
      downloader: WebDownloads(),
      dataRoot: settings.dataRoot, memory: memory, host: settings.hostTrust ? HostTrust.Host.read() : nil)
    let engine = Engine(
      settings: settings, id: id, events: events, images: images, volumes: volumes, networks: networks,
      containers: containers,
      builder: builder, snapshots: snapshots, memory: memory)
    try await engine.recover(steps, database)
    return engine
  }

  private static func networkDefaults(
    _ settings: EngineSettings, _ id: String
  ) throws(EngineError) -> NetworkDefaults {
    var defaults = NetworkDefaults(execRoot: settings.execRoot, mark: settings.mark, identity: id)
    defaults.mtu = settings.mtu
    try defaults.usePools(settings.addressPools)
    if settings.bridgeHasIPv6 { try defaults.giveBridgeIPv6(settings.bridgeSubnet6) }
    return defaults
  }

  private static func containerSettings(_ settings: EngineSettings) throws(EngineError) -> ContainerSettings {
    let layout = try failing(.internal, "looking for cgroups") { try CgroupLayout.discover() }
    var defaults = ContainerSettings(
      dataRoot: settings.dataRoot, execRoot: settings.execRoot, cgroupParent: settings.cgroupParent,
      cgroups: layout)
    defaults.initProgram = settings.shimPath
    defaults.nameServers = settings.nameServers
    defaults.defaultLog = settings.defaultLog
    defaults.ulimits = settings.ulimits
    return defaults
  }

  /// Takes away what only an engine at work needs; running containers notice nothing.
  public func close() async {
    await networks.quiesce()
    do throws(EngineError) { try memory.remove() } catch { Log.warning("\(error)") }
    do throws(SyscallError) {
      try Cgroup(settings.cgroupParent, in: try CgroupLayout.discover()).removeIfEmpty()
    } catch {
      Log.warning("removing the cgroup \(settings.cgroupParent): \(error)")
    }
  }

  private func recover(_ steps: BuildSteps, _ database: Database) async throws(EngineError) {
    let builder = builder
    let containers = containers
    await images.addHolder { await builder.heldChains() }
    await images.addHolder { await containers.heldChains() }
    // Before the containers: a restart policy may start one at once.
    try await networks.restore()
    try await steps.sweep()
    try await containers.restore()
    guard database.isWhole else {
      await tellOfRecords(database)
      return
    }
    await networks.closeSandboxes(besides: await containers.ids())
    try await snapshots.sweep(keeping: await containers.ids())
    try await images.removeOrphans()
  }

  private func tellOfRecords(_ database: Database) async {
    if !database.wasEmpty {
      Log.warning(
        "some records cannot be read: what nobody seems to need is not cleared up, it may be theirs")
    } else if snapshots.hasStrangers {
      Log.warning(
        "\(database.path) has no records, and \(settings.dataRoot)/layers has layers: what is there is left alone"
      )
    }
  }
}
