import Bundles
import EngineErrors
import Images
import OCISpec
import ShimProtocol
import Snapshots

extension Containers {
  /// That the image is missing is the request's fault: clients take "not found" for the container's own image, and pull.
  func imageMount(
    _ request: MountRequest, _ reference: String, _ subpath: String?
  ) async throws(EngineError) -> MountRecord {
    let image: Image
    do throws(EngineError) {
      image = try await services.images.find(reference)
    } catch {
      guard error.kind == .notFound else { throw error }
      throw EngineError(.invalidArgument, error.message)
    }
    var record = MountRecord(.image, request)
    record.name = reference
    record.image = MountedImage(
      id: image.id.description, top: image.layers.last?.chainID, subpath: subpath)
    return record
  }

  /// The layers that containers mount as images: they stay when the image itself is removed by force.
  public func heldChains() async -> Set<Digest> {
    var chains: Set<Digest> = []
    for container in containers.values {
      chains.formUnion(await container.record.mounts.compactMap { $0.image?.top })
    }
    return chains
  }
}

extension Container {
  /// What the shim mounts before the bundle binds it.
  func imageMounts() async throws(EngineError) -> [ImageMount]? {
    var mounts: [ImageMount] = []
    for mount in record.mounts {
      guard let image = mount.image else { continue }
      mounts.append(
        ImageMount(
          rootFileSystem: try await services.snapshots.rootFileSystem(of: image.top),
          destination: mount.destination, target: mount.source, subpath: image.subpath))
    }
    return mounts.isEmpty ? nil : mounts
  }
}

extension [MountRecord] {
  /// Where the images appear while the container runs: below its own directory, also for those that another has lent.
  mutating func placeImages(below directory: String) {
    for index in indices where self[index].kind == .image {
      self[index].source = "\(directory)/images/\(index)"
    }
  }
}
