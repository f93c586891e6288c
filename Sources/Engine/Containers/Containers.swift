import DockerAPI
import EngineErrors
import Images
import OCISpec
import Records

/// Every container of one engine, by id and by name.
public actor Containers {
  public nonisolated let services: ContainerServices
  nonisolated let table: Table<ContainerRecord>
  var containers: [String: Container] = [:]
  /// Name to id; a name is taken before its container is made, so that two requests cannot both have it.
  var names: [String: String] = [:]
  /// Exec id to the id of its container.
  var execOwners: [String: String] = [:]
  /// Logs of containers that are gone are being looked through.
  var isTidying = false

  public init(_ services: ContainerServices) throws(EngineError) {
    self.services = services
    table = Table("containers", in: services.database)
  }

  // MARK: look-up

  /// The container that a full id, a name, or an unambiguous beginning of an id means, in this order.
  func find(_ reference: String) throws(EngineError) -> Container {
    guard !reference.isEmpty else {
      throw EngineError(.invalidArgument, "invalid name or ID supplied: \"\"")
    }
    let name = reference.hasPrefix("/") ? String(reference.dropFirst()) : reference
    if let container = containers[name] { return container }
    if let id = names[name], let container = containers[id] { return container }
    let matches = name.count >= 1 ? containers.keys.filter { $0.hasPrefix(name) } : []
    guard let id = matches.first, let container = containers[id] else {
      throw .notFound("container", reference)
    }
    guard matches.count == 1 else {
      throw EngineError(.invalidArgument, "multiple IDs found with provided prefix: \(reference)")
    }
    return container
  }

  /// The ids of all containers.
  public func ids() -> Set<String> { Set(containers.keys) }

  /// The containers that were made from an image, or mount it.
  public func users(of image: Digest) async -> [ContainerUse] {
    var users: [ContainerUse] = []
    for container in containers.values {
      let record = await container.record
      let mounted = record.mounts.contains { $0.image?.id == image.description }
      if mounted || record.imageID == image.description {
        users.append(ContainerUse(id: record.id, isRunning: record.life.isRunning))
      }
    }
    return users
  }

  /// The full id of the container that `reference` means.
  public func id(of reference: String) throws(EngineError) -> String { try find(reference).id }

  /// The first process of a running container as the host sees it; nil where it does not run.
  func process(of id: String) async -> Int32? {
    guard let life = await containers[id]?.record.life, life.hasProcess else { return nil }
    return life.pid
  }

  /// Nil for a container that is gone.
  func ipcMode(of id: String) async -> String? { await containers[id]?.record.hostConfig.ipcMode }

  /// What a container calls itself.
  func hostname(of id: String) async -> String { await containers[id]?.hostname ?? String(id.prefix(12)) }

  // MARK: names

  func claim(_ name: String, for id: String) throws(EngineError) {
    guard isValidName(name) else {
      throw EngineError(
        .invalidArgument, "Invalid container name (\(name)), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed")
    }
    if let owner = names[name] {
      throw EngineError(
        .conflict,
        "Conflict. The container name \"/\(name)\" is already in use by container \"\(owner)\". "
          + "You have to remove (or rename) that container to be able to reuse that name.")
    }
    names[name] = id
  }

  func claimAnyName(for id: String) -> String {
    while true {
      let name = GivenName.random()
      if names[name] == nil {
        names[name] = id
        return name
      }
    }
  }

  private func isValidName(_ name: String) -> Bool {
    func isWordByte(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    guard let first = name.utf8.first, isWordByte(first), name.utf8.count > 1 else { return false }
    return name.utf8.allSatisfy {
      isWordByte($0) || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-")
    }
  }

  // MARK: commands

  public func start(_ reference: String) async throws(EngineError) { try await find(reference).start() }

  /// - Returns: false where it was not running.
  public func stop(_ reference: String, signal: String? = nil, timeout: Int? = nil) async throws(EngineError)
    -> Bool
  {
    try await find(reference).stop(signal: signal, timeout: timeout)
  }

  public func restart(_ reference: String, signal: String? = nil, timeout: Int? = nil)
    async throws(EngineError)
  {
    try await find(reference).restart(signal: signal, timeout: timeout)
  }

  public func kill(_ reference: String, signal: String) async throws(EngineError) {
    do {
      try await find(reference).kill(signal: signal)
    } catch {
      throw EngineError(
        error.kind, "cannot kill container: \(reference): \(error.message)", cause: error.cause)
    }
  }

  public func pause(_ reference: String) async throws(EngineError) { try await find(reference).pause() }

  public func unpause(_ reference: String) async throws(EngineError) { try await find(reference).unpause() }

  public func resize(_ reference: String, columns: UInt16, rows: UInt16) async throws(EngineError) {
    try await find(reference).resize(columns: columns, rows: rows)
  }

  /// A stream that yields once, when what `condition` names has come.
  public func wait(_ reference: String, _ condition: WaitCondition) async throws(EngineError) -> AsyncStream<
    Departure
  > {
    await (try find(reference)).waiters(for: condition)
  }

  public func rename(_ reference: String, to name: String) async throws(EngineError) {
    let container = try find(reference)
    let new = name.hasPrefix("/") ? String(name.dropFirst()) : name
    let old = await container.record.name
    guard old != new else {
      throw EngineError(.invalidArgument, "Renaming a container with the same name as its current name")
    }
    do throws(EngineError) { try claim(new, for: container.id) } catch {
      throw EngineError(error.kind, "Error when allocating new name: \(error.message)", cause: error)
    }
    do throws(EngineError) {
      try await container.rename(to: new)
      names[old] = nil
    } catch {
      names[new] = nil
      throw error
    }
  }
}
