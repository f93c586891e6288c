import DockerAPI
import EngineErrors
import Events
import Linux
import Networks
import Reactor
import Records
import ShimProtocol
import Supervision
import Volumes

/// One container: takes commands one at a time, keeps the record, and acts on what its life demands.
actor Container {
  nonisolated let id: String
  nonisolated let services: ContainerServices
  nonisolated let table: Table<ContainerRecord>
  /// The registry that this container stands in; it outlives every container.
  nonisolated unowned let registry: Containers
  nonisolated let turns = FirmTurns()

  var record: ContainerRecord
  var shim: Shim?
  var waiters = Waiters()
  var execs = ExecTable()
  /// Clients that attached before the start and get their session when there is a shim.
  nonisolated let earlyAttachments = EarlyAttachments()
  var removing = false
  var lostShims = LostShims()
  /// Their mounting was told, so their unmounting must be.
  var hasMountedVolumes = false
  /// While somebody waits for it to stop: what it was sent first.
  var stopSignalSent: Int32?
  /// Opens at the end of the restart that is under way.
  var restartEnd: Latch?
  /// By what id the events know the probe that runs.
  var probe: String?

  init(
    _ record: ContainerRecord, services: ContainerServices, table: Table<ContainerRecord>,
    registry: Containers
  ) {
    id = record.id
    self.record = record
    self.services = services
    self.table = table
    self.registry = registry
  }

  nonisolated var directory: String { services.settings.directory(of: id) }
  nonisolated var exitFile: String { "\(directory)/exit.json" }

  /// Runs `body` when no other command has the container.
  func exclusively<Value: Sendable>(
    _ body: () async throws(EngineError) -> Value
  ) async throws(EngineError) -> Value {
    await turns.enter()
    defer { turns.leave() }
    return try await body()
  }

  func save() async throws(EngineError) { try await table.put(id, record) }

  /// Tells the life what happened, keeps the record, and carries out what follows.
  func happened(_ event: ContainerLife.Event) async {
    let effects = record.life.handle(event)
    // A probe that changes nothing is not worth a write: its shim tells a daemon that comes back, and the end is written.
    if case .health = event, effects.isEmpty { return }
    do {
      try await save()
    } catch {
      Log.error("container \(record.shortID): its state could not be recorded: \(error)")
    }
    for effect in effects { await carryOut(effect) }
  }

  private func carryOut(_ effect: ContainerLife.Effect) async {
    switch effect {
    case .publish(let action, let attributes): publish(action, attributes)
    case .release: await release()
    case .tellOfNetworks(let isPluggedIn): await services.networks.tell(of: id, isPluggedIn: isPluggedIn)
    case .tellWaiters(let code):
      waiters.processEnded(departure(code))
    case .tellOfExit(let code): waiters.processExited(departure(code))
    case .removeIfAutomatic:
      guard record.hostConfig.autoRemove else { return }
      let (id, registry) = (id, registry)
      // Somebody else may have removed it first.
      Task { try? await registry.remove(id, force: false, volumes: true, keepsLog: true) }
    }
  }

  /// What those hear who wait for the end.
  func departure(_ code: Int32) -> Departure {
    Departure(code: code, error: "", explanation: record.life.error)
  }

  /// Gives back what only a running container needs.
  func release() async {
    shim = nil
    await services.networks.closeSandbox(id)
    if hasMountedVolumes { announceVolumes("unmount") }
    hasMountedVolumes = false
    await services.volumes.release(id)
  }

  /// Docker's events of the volumes that a running container has mounted.
  func announceVolumes(_ action: String) {
    for mount in record.mounts where mount.kind == .volume {
      var attributes = ["container": id, "driver": mount.driver ?? "local"]
      if action == "mount" {
        attributes["destination"] = mount.destination
        attributes["propagation"] = mount.propagation
        attributes["read/write"] = mount.readOnly ? "false" : "true"
      }
      services.events.publish(type: "volume", action: action, id: mount.name ?? "", attributes: attributes)
    }
    hasMountedVolumes = action == "mount"
  }

  nonisolated func publish(_ action: String, _ attributes: [String: String] = [:], of record: ContainerRecord)
  {
    var all = record.config.labels ?? [:]
    all["image"] = record.config.image
    all["name"] = record.name
    all.merge(attributes) { _, new in new }
    services.events.publish(type: "container", action: action, id: record.id, attributes: all)
  }

  func publish(_ action: String, _ attributes: [String: String] = [:]) {
    publish(action, attributes, of: record)
  }

  func requireRunning() throws(EngineError) -> Shim {
    guard record.life.hasProcess, let shim else {
      throw EngineError(.conflict, "container \(id) is not running")
    }
    return shim
  }
}
