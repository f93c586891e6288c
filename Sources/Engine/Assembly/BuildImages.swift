import Builder
import DockerAPI
import EngineErrors
import ImageNames
import Images
import OCISpec

/// The images as the builder sees them.
struct BuildImages: ImageStore {
  let images: Images

  func base(_ reference: String) async throws -> BaseImage { Self.base(try await images.find(reference)) }

  func fetch(
    _ reference: String, platform: String, auth: RegistryAuth?,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws -> BaseImage {
    Self.base(
      try await images.pull(
        reference: reference, platform: Platform(platform), auth: auth, progress: progress))
  }

  func keep(_ config: ImageConfig, top: Digest?, names: [String]) async throws -> Digest {
    try await images.create(config: config, top: top, names: names).id
  }

  func sweepLayers() async throws { try await images.removeOrphans() }

  private static func base(_ image: Image) -> BaseImage {
    BaseImage(id: image.id, config: image.config, top: image.top)
  }
}
