import ContentStore
import DockerAPI
import EngineErrors
import Events
import ImageNames
import JSON
import Linux
import OCISpec
import Reactor
import Records
import Registry
import Snapshots
import TextFormats

/// Images by id and by name. An image exists when its record does; its config is a blob, its layers are in Snapshots.
public actor Images {
  nonisolated let database: Database
  nonisolated let content: ContentStore
  nonisolated let snapshots: Snapshots
  nonisolated let events: Events
  nonisolated public let registry: Registry
  nonisolated let records: Table<ImageRecord>
  nonisolated let nameTable: Table<Digest>

  struct Known {
    var record: ImageRecord
    let config: ImageConfig
    let chains: [Digest]
  }

  var known: [Digest: Known] = [:]
  /// Full names with a tag or a digest, and the image each one means.
  var names: [String: Digest] = [:]
  var holders: [@Sendable () async -> Set<Digest>] = []
  /// Between putting layers on each other and keeping their image nobody may remove layers, and the other way round.
  let turns = FirmTurns()

  /// Opens the store. An image whose config or layers are gone is left out, and its record kept for whoever looks.
  public init(
    database: Database, content: ContentStore, snapshots: Snapshots, events: Events, registry: Registry
  ) async throws(EngineError) {
    self.database = database
    self.content = content
    self.snapshots = snapshots
    self.events = events
    self.registry = registry
    records = Table("images", in: database)
    nameTable = Table("image-names", in: database)
    let all = try records.all()
    let kept = all.compactMap { Digest($0.key) }
    for (key, record) in all {
      guard let id = Digest(key), let config = Self.config(of: id, in: content) else { continue }
      let chains = ChainID.all(config.rootfs.diffIDs)
      if let top = chains.last, await snapshots.chain(of: top).isEmpty { continue }
      known[id] = Known(record: record, config: config, chains: chains)
    }
    for (name, id) in try nameTable.all() where known[id] != nil { names[name] = id }
    try content.sweep(keeping: database.isWhole ? Set(kept) : nil)
  }

  private static func config(of id: Digest, in content: ContentStore) -> ImageConfig? {
    do {
      return try JSON.decode(ImageConfig.self, from: content.get(id))
    } catch {
      // Asking for it says that it is not there.
      Log.error("image \(id) is left out: \(error)")
      return nil
    }
  }

  /// Tells of layers that somebody else needs besides images and containers, such as a build cache.
  public func addHolder(_ chains: @escaping @Sendable () async -> Set<Digest>) { holders.append(chains) }

  // MARK: finding

  /// The image of a name, `name:tag`, `name@digest`, an id or the beginning of one.
  public func find(_ reference: String) async throws(EngineError) -> Image {
    try await image(resolve(reference))
  }

  /// The image of an id.
  public func image(_ id: Digest) async throws(EngineError) -> Image {
    guard let image = known[id] else { throw Self.noSuchImage(id.description) }
    var layers: [Layer] = []
    if let top = image.chains.last { layers = await snapshots.chain(of: top) }
    guard layers.count == image.chains.count else {
      throw EngineError(.internal, "layers of image \(id) are missing")
    }
    return Image(
      id: id, config: image.config, layers: layers, names: familiarNames(of: id, digests: false),
      digests: familiarNames(of: id, digests: true), created: Self.seconds(image.config.created))
  }

  /// Every image, newest first.
  public func all() async throws(EngineError) -> [Image] {
    var images: [Image] = []
    for id in known.keys { images.append(try await image(id)) }
    return images.sorted { ($0.created, $0.id.hex) > ($1.created, $1.id.hex) }
  }

  /// The id that a reference means, in docker's order: a whole id, a name, the beginning of an id.
  func resolve(_ text: String) throws(EngineError) -> Digest {
    if let id = Digest(text) ?? Digest(hex: text) {
      guard known[id] != nil else { throw Self.noSuchImage(text) }
      return id
    }
    let reference = try Self.parse(text)
    if let id = names[Self.key(reference)] { return id }
    let prefix = text.hasPrefix("sha256:") ? String(text.dropFirst(7)) : text
    let matches = known.keys.filter { $0.hex.hasPrefix(prefix) }
    guard matches.count == 1, let id = matches.first else {
      throw Self.noSuchImage(reference.withDefaultTag.familiar)
    }
    return id
  }

  static func noSuchImage(_ name: String) -> EngineError { .notFound("image", name) }

  static func parse(_ text: String) throws(EngineError) -> ImageReference {
    do { return try ImageReference.parse(text) } catch {
      throw EngineError(.invalidArgument, error.description, cause: error)
    }
  }

  /// Under which a reference is kept: a digest is exact, so a tag beside it adds nothing.
  static func key(_ reference: ImageReference) -> String {
    if let digest = reference.digest { return reference.withDigest(digest).full }
    return reference.withDefaultTag.full
  }

  /// The names of an image as full references, sorted.
  func references(of id: Digest) -> [ImageReference] {
    names.filter { $0.value == id }.keys.sorted().compactMap { name in
      // Kept names came from `key`.
      try? ImageReference.parse(name)
    }
  }

  private func familiarNames(of id: Digest, digests: Bool) -> [String] {
    references(of: id).filter { ($0.digest != nil) == digests }.map(\.familiar)
  }

  static func seconds(_ rfc3339: String?) -> Int64 {
    rfc3339.flatMap(Timestamp.init(rfc3339:)).map(\.seconds) ?? 0
  }

  static var now: String { Timestamp(nanoseconds: Clock.realtime).rfc3339 }

  // MARK: making

  /// Keeps an image made here: the config's JSON is written, and its digest is the id. `config.rootfs` and `history`
  /// are the caller's; the layers up to `top` must be in Snapshots. `parent` is the id of the image it was made from.
  public func create(
    config: ImageConfig, top: Digest?, names: [String], parent: String? = nil
  ) async throws(EngineError) -> Image {
    guard ChainID.all(config.rootfs.diffIDs).last == top else {
      throw EngineError(.internal, "image config and layers do not fit together")
    }
    let references = try names.map { (name) throws(EngineError) in try Self.parse(name).withDefaultTag }
    let id = try await keep(JSON.encode(config), config, parent: parent)
    for reference in references { try await setName(reference, to: id) }
    return try await image(id)
  }

  /// Keeps a config's bytes and the image's record. Its layers must be here.
  func keep(_ bytes: [UInt8], _ config: ImageConfig, parent: String? = nil) async throws(EngineError)
    -> Digest
  {
    let id = try await content.put(bytes)
    guard known[id] == nil else { return id }
    let record = ImageRecord(parent: parent)
    try await records.put(id.description, record)
    known[id] = Known(record: record, config: config, chains: ChainID.all(config.rootfs.diffIDs))
    return id
  }

  /// Gives an image another name; the name leaves the image that had it.
  public func tag(_ reference: String, as target: String) async throws(EngineError) {
    let id = try resolve(reference)
    let name = try Self.parse(target)
    guard name.digest == nil else {
      throw EngineError(.invalidArgument, "refusing to create a tag with a digest reference")
    }
    guard name.familiarName != "sha256" else {
      throw EngineError(
        .invalidArgument, "refusing to create an ambiguous tag using digest algorithm as name")
    }
    try await setName(name.withDefaultTag, to: id)
  }

  func setName(_ reference: ImageReference, to id: Digest) async throws(EngineError) {
    guard var image = known[id] else { throw Self.noSuchImage(id.description) }
    image.record.lastTagged = Self.now
    var batch = Batch()
    try batch.put(Self.key(reference), id, in: nameTable)
    try batch.put(id.description, image.record, in: records)
    try await database.commit(batch)
    names[Self.key(reference)] = id
    known[id]?.record = image.record
    if reference.digest == nil {
      announce("tag", id, reference.familiar)
    }
  }

  // MARK: telling

  func announce(_ action: String, _ id: Digest, _ name: String) {
    events.publish(type: "image", action: action, id: id.description, attributes: ["name": name])
  }

  func announcePrune(_ bytes: Int64) {
    events.publish(type: "image", action: "prune", id: "", attributes: ["reclaimed": String(bytes)])
  }
}
