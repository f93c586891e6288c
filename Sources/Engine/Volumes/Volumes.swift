import DockerAPI
import EngineErrors
import Events
import Filtering
import Flags
import Linux
import Reactor
import Records
import TextFormats

/// The named volumes of one engine: `volumes/<name>/_data` below its data root.
public actor Volumes {
  /// Docker's label on a volume that nobody named.
  static let anonymousLabel = "com.docker.volume.anonymous"

  private let root: String
  private let events: Events
  private let table: Table<VolumeRecord>
  private var volumes: [String: VolumeRecord] = [:]
  /// Who needs what the options of a volume name, by the volume's name.
  var holders: [String: Set<String>] = [:]
  /// Until everybody has been asked who came before this engine, nothing is unmounted.
  var isSettled = false
  /// What is mounted is changed by one at a time, volume by volume: those at which somebody is.
  private(set) var turns: [String: FirmTurns] = [:]

  public init(dataRoot: String, database: Database, events: Events) throws(EngineError) {
    root = "\(dataRoot)/volumes"
    self.events = events
    table = Table("volumes", in: database)
    volumes = Dictionary(uniqueKeysWithValues: try table.all().map { ($0.key, $0.value) })
    try failing(.internal, "opening the volumes") { [root, volumes] in
      try Files.makeDirectories(root, mode: 0o711)
      try VolumeRemoval.finishAll(in: root) { volumes[$0] != nil }
    }
  }

  /// Makes a volume, or answers the one that has the name; an empty name lets the engine pick.
  public func create(_ request: VolumeCreateRequest) async throws(EngineError) -> Volume {
    guard request.driver.isEmpty || request.driver == "local" else {
      throw EngineError(
        .notFound,
        "create \(request.name): error looking up volume plugin \(request.driver): plugin \"\(request.driver)\" not found"
      )
    }
    let anonymous = request.name.isEmpty
    let name = anonymous ? ObjectID.random() : request.name
    try VolumeName.check(name)
    let options = request.driverOpts ?? [:]
    if let existing = volumes[name] {
      guard options.isEmpty || options == existing.options else {
        throw EngineError(.conflict, "volume \(name) already exists with other options: remove it first")
      }
      return existing.volume(mountpoint: mountpoint(existing))
    }
    var record = VolumeRecord(
      name: name, createdAt: Timestamp(seconds: Clock.realtime / 1_000_000_000).rfc3339,
      labels: request.labels ?? [:],
      options: options, anonymous: anonymous)
    if anonymous { record.labels[Self.anonymousLabel] = "" }
    _ = try VolumeMount(name: name, options: options)
    volumes[name] = record
    do throws(EngineError) {
      try await makeDirectory(name)
      try await table.put(name, record)
    } catch {
      volumes[name] = nil
      throw error
    }
    publish("create", name)
    return record.volume(mountpoint: mountpoint(record))
  }

  public func inspect(_ name: String) throws(EngineError) -> Volume {
    let record = try find(name)
    return record.volume(mountpoint: mountpoint(record))
  }

  /// Where the files of a volume lie on the host.
  public func path(of name: String) throws(EngineError) -> String { mountpoint(try find(name)) }

  /// Sorted by name. `isUsed` serves the `dangling` filter.
  public func list(_ filters: Filters, isUsed: (String) async -> Bool) async throws(EngineError) -> [Volume] {
    try filters.admit(["dangling", "driver", "label", "name"])
    let wantsDangling = try filters.flag("dangling")
    var found: [Volume] = []
    for record in volumes.values.sorted(by: { $0.name < $1.name }) {
      guard filters.acceptPatterns("name", record.name), filters.accept("driver", { $0 == "local" }),
        filters.acceptLabels(record.labels)
      else { continue }
      if let wantsDangling {
        guard await isUsed(record.name) != wantsDangling else { continue }
      }
      found.append(record.volume(mountpoint: mountpoint(record)))
    }
    return found
  }

  /// Removes a volume that no container in `usedBy` mounts; with `force` one that is not there is fine.
  public func remove(_ name: String, force: Bool, usedBy: [String]) async throws(EngineError) {
    guard volumes[name] != nil else {
      if force { return }
      throw EngineError(.notFound, "get \(name): no such volume")
    }
    guard usedBy.isEmpty else {
      throw EngineError(.conflict, "remove \(name): volume is in use - [\(usedBy.joined(separator: ", "))]")
    }
    try await alone(with: name) { () throws(EngineError) in try await delete(name) }
    publish("destroy", name)
  }

  private func delete(_ name: String) async throws(EngineError) {
    guard let record = volumes[name] else { return }
    let (removal, path) = (VolumeRemoval(of: name, in: root), mountpoint(record))
    try await blocking { () throws(EngineError) in
      try failing(.internal, "removing volume \(name)") {
        // First of all: the files there are not the volume's.
        try VolumeMount.unmountAll(path)
        try removal.begin()
      }
    }
    do throws(EngineError) { try await table.remove(name) } catch {
      let undone = Result { () throws(SyscallError) in try removal.undo() }
      if case .failure(let failure) = undone { Log.error("volume \(name): \(failure)") }
      throw error
    }
    volumes[name] = nil
    holders[name] = nil
    try await blocking { () throws(EngineError) in
      try failing(.internal, "removing volume \(name)") { try removal.finish() }
    }
  }

  /// Removes what nobody uses: anonymous volumes, and with the filter `all` named ones too. Those with options stay, as
  /// in docker: no space is won where the files are somebody else's.
  public func prune(
    _ filters: Filters, users: @Sendable (String) async -> [String]
  ) async throws(EngineError) -> PruneReport {
    // Taken for no filter an unknown one would remove everything.
    try filters.admit(["all", "label", "label!"])
    let takesNamed = try Self.takesNamed(filters["all"])
    var report = PruneReport()
    report.volumesDeleted = []
    for record in volumes.values.sorted(by: { $0.name < $1.name }) {
      guard takesNamed || record.anonymous, record.options.isEmpty, filters.acceptLabels(record.labels),
        await users(record.name).isEmpty
      else {
        continue
      }
      let size = await size(of: record)
      try await remove(record.name, force: true, usedBy: [])
      report.volumesDeleted?.append(record.name)
      report.spaceReclaimed += size
    }
    events.publish(
      type: "volume", action: "prune", id: "", attributes: ["reclaimed": String(report.spaceReclaimed)])
    return report
  }

  private static func takesNamed(_ all: [String]) throws(EngineError) -> Bool {
    guard all.count <= 1 else {
      throw EngineError(
        .invalidArgument, "invalid filter 'all=[\(all.joined(separator: " "))]': only one value is expected")
    }
    guard let text = all.first else { return false }
    guard let value = GoValues.bool(text) else {
      throw EngineError(
        .invalidArgument, "invalid filter 'all': strconv.ParseBool: parsing \"\(text)\": invalid syntax")
    }
    return value
  }

  /// Bytes that a volume's files take, for `system df`.
  public func size(of name: String) async throws(EngineError) -> Int64 { await size(of: try find(name)) }

  // MARK: -

  /// What the options of a volume name, and where it goes; nil for a volume without options, or one that is not there.
  func mount(of name: String) throws(EngineError) -> (mount: VolumeMount, path: String)? {
    guard let record = volumes[name], let mount = try VolumeMount(name: name, options: record.options) else {
      return nil
    }
    return (mount, mountpoint(record))
  }

  /// The names of the volumes that have options.
  var mountable: [String] { volumes.values.filter { !$0.options.isEmpty }.map(\.name) }

  /// Runs `body` while nobody else mounts, unmounts or removes the volume.
  func alone(with name: String, _ body: () async throws(EngineError) -> Void) async throws(EngineError) {
    let turn = turns[name] ?? FirmTurns()
    turns[name] = turn
    await turn.enter()
    defer { if turn.leave() { turns[name] = nil } }
    try await body()
  }

  private func size(of record: VolumeRecord) async -> Int64 {
    let path = mountpoint(record)
    // One that cannot be read keeps nobody from being told of the others.
    return await blocking { (try? TreeSize.bytes(in: path)) ?? 0 }
  }

  private func find(_ name: String) throws(EngineError) -> VolumeRecord {
    guard let record = volumes[name] else { throw EngineError(.notFound, "get \(name): no such volume") }
    return record
  }

  private func mountpoint(_ record: VolumeRecord) -> String {
    "\(root)/\(record.name)/_data"
  }

  func makeDirectory(_ name: String) async throws(EngineError) {
    let directory = "\(root)/\(name)/_data"
    try await blocking { () throws(EngineError) in
      try failing(.internal, "creating volume \(name)") { try Files.makeDirectories(directory) }
    }
  }

  private func publish(_ action: String, _ name: String) {
    events.publish(type: "volume", action: action, id: name, attributes: ["driver": "local"])
  }
}
