import ContentStore
import DockerAPI
import EngineErrors
import ImageNames
import JSON
import OCISpec
import Registry
import Snapshots

extension Images {
  /// Sends an image under its name to the name's registry; without a tag, every tag of the repository when
  /// `allTags`, otherwise `latest`. Cancelling the task stops the transfers.
  public func push(
    reference: String, allTags: Bool = false, auth: RegistryAuth? = nil,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let name = try Self.parse(reference)
    guard name.digest == nil else { throw EngineError(.invalidArgument, "cannot push a digest reference") }
    progress(.state("The push refers to repository [\(name.fullName)]"))
    var tags = [name.withDefaultTag]
    if allTags {
      let prefix = "\(name.fullName):"
      tags = try names.keys.filter { $0.hasPrefix(prefix) }.sorted().map { (key) throws(EngineError) in
        try Self.parse(key)
      }
    }
    guard !tags.isEmpty, tags.allSatisfy({ names[Self.key($0)] != nil }) else {
      throw EngineError(.notFound, "An image does not exist locally with the tag: \(name.familiarName)")
    }
    try await stoppable { [tags] stop throws(EngineError) in
      for tag in tags { try await pushOne(tag, auth, stop, progress) }
    }
  }

  private func pushOne(
    _ name: ImageReference, _ auth: RegistryAuth?, _ stop: StopFlag,
    _ progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws(EngineError) {
    let image = try await image(resolve(name.full))
    var uploads: [Registry.LayerUpload] = []
    for layer in image.layers {
      uploads.append(Registry.LayerUpload(diffID: layer.diffID, open: try await snapshots.opener(of: layer)))
    }
    let pushed = try await registry.push(
      name, config: content.get(image.id), layers: uploads, auth: auth, spool: snapshots.spoolDirectory,
      stop: stop
    ) { layer, step in
      switch step {
      case .preparing: progress(.state("Preparing", id: layer.short))
      case .exists: progress(.state("Layer already exists", id: layer.short))
      case .pushing(let current, let total):
        progress(.step("Pushing", id: layer.short, current: current, total: total))
      case .pushed: progress(.state("Pushed", id: layer.short))
      }
    }
    try await setName(name.withDigest(pushed.digest.description), to: image.id)
    announce("push", image.id, name.familiar)
    progress(.state("\(name.tag ?? ""): digest: \(pushed.digest) size: \(pushed.size)"))
    var aux = ProgressMessage()
    aux.aux = [
      "Tag": .string(name.tag ?? ""), "Digest": .string(pushed.digest.description),
      "Size": .integer(pushed.size),
    ]
    progress(aux)
  }
}
