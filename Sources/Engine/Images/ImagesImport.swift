import Archive
import EngineErrors
import ImageNames
import OCISpec
import Reactor
import Snapshots

extension Images {
  /// Makes an image of one layer from a root file system's archive, plain or compressed.
  /// `configure` applies what the user wants changed (`--change`).
  public func importTar(
    _ source: any ByteSource, as name: String?, message: String, platform: Platform = .host,
    configure: @Sendable (inout ImageDefaults) throws(EngineError) -> Void = { _ in }
  ) async throws(EngineError) -> Image {
    let reference = try name.map { (name) throws(EngineError) in try Self.parse(name).withDefaultTag }
    if reference?.digest != nil {
      throw EngineError(.invalidArgument, "cannot import digest reference")
    }
    var defaults = ImageDefaults()
    try configure(&defaults)
    let loose = try await snapshots.unpack(source)
    await turns.enter()
    defer { turns.leave() }
    let layer = try await snapshots.bind(loose, on: nil)
    let now = Self.now
    var config = ImageConfig(
      created: now, platform: platform, config: defaults, diffIDs: [layer.diffID],
      history: [ImageHistoryEntry(created: now, comment: message)])
    config.comment = message.isEmpty ? nil : message
    let image = try await create(
      config: config, top: layer.chainID, names: reference.map { [$0.familiar] } ?? [])
    announce("import", image.id, reference?.familiar ?? image.id.description)
    return image
  }
}
