import Archive
import Compression
import DockerAPI
import EngineErrors
import JSON
import OCISpec
import Snapshots
import Testing

@testable import Images

@Suite(.enabled(if: Workplace.isRoot)) struct ImagesTests {
  let place: Workplace
  let images: Images
  let base: [UInt8]
  let top: [UInt8]

  init() async throws {
    place = try Workplace()
    images = try await place.open()
    base = try archive([("bin/sh", Array("shell".utf8))])
    top = try archive([("app", Array("application".utf8))])
  }

  @discardableResult
  private func load(_ layers: [[UInt8]], _ tags: [String]?, cmd: String = "sh") async throws -> Image {
    let loaded = try await images.load(ArraySource(dockerArchive(layers, tags: tags, cmd: cmd))) { _ in }
    return try #require(loaded.first)
  }

  private func message(_ body: () async throws -> Void) async -> String {
    do {
      try await body()
      return "no error"
    } catch { return "\(error)" }
  }

  @Test func `an archive of docker's is loaded, found and inspected`() async throws {
    let lines = Lines()
    let bytes = try dockerArchive([base, top], tags: ["app:v1"])
    let image = try #require(try await images.load(ArraySource(bytes)) { lines.add($0) }.first)
    #expect(lines.all.last == "Loaded image: app:v1\n")
    #expect(image.layers.map(\.diffID) == [digest(base), digest(top)])
    #expect(image.size == 16)
    for reference in [
      "app:v1", "docker.io/library/app:v1", image.id.description, image.id.hex, image.id.short,
      "sha256:\(image.id.short)",
    ] {
      #expect(try await images.find(reference).id == image.id)
    }
    let inspect = try await images.inspect("app:v1")
    #expect(inspect.repoTags == ["app:v1"])
    #expect(inspect.config.cmd == ["sh"])
    #expect(inspect.config.exposedPorts?.keys.sorted() == ["80/tcp"])
    let history = try await images.history("app:v1")
    #expect(history.map(\.createdBy) == ["CMD", "step 1", "step 0"])
    #expect(history.map(\.size) == [0, 11, 5])
    #expect(history.first?.tags == ["app:v1"])
    #expect(history.last?.id == "<missing>")
  }

  @Test func `what is saved is loaded elsewhere as the same image`() async throws {
    let first = try await load([base, top], ["app:v1", "app:v2"])
    try await load([base], ["host:5000/base:latest"], cmd: "base")
    let saved = try bytes(of: await images.save(["app", "host:5000/base"]))
    let other = try Workplace()
    let others = try await other.open()
    let lines = Lines()
    try await others.load(ArraySource(saved)) { lines.add($0) }
    #expect(lines.all.filter { $0.hasPrefix("Loaded") }.count == 3)
    #expect(try await others.find("app:v2").id == first.id)
    #expect(try await others.find("host:5000/base").layers.map(\.diffID) == [digest(base)])
    #expect(try bytes(of: await others.save(["app:v1", "app:v2", "host:5000/base:latest"])) == saved)
    #expect(try other.names("layers").count == 5)
  }

  @Test func `an OCI layout is loaded, compressed layers and all`() async throws {
    var packed: [UInt8] = []
    let writer = GzipWriter { packed += $0 }
    try base.withUnsafeBytes(writer.write)
    try writer.finish()
    let config = JSON.encode(config([base]))
    let manifest = JSON.encode(
      ImageManifest(
        mediaType: MediaType.ociManifest,
        config: Descriptor(mediaType: MediaType.ociConfig, digest: digest(config), size: Int64(config.count)),
        layers: [
          Descriptor(mediaType: MediaType.ociLayerGzip, digest: digest(packed), size: Int64(packed.count))
        ]))
    let descriptor = Descriptor(
      mediaType: MediaType.ociManifest, digest: digest(manifest), size: Int64(manifest.count),
      annotations: [ImageAnnotation.refName: "example.org/oci:1"])
    let foreign = Descriptor(
      mediaType: MediaType.ociManifest, digest: digest([1]), size: 1,
      platform: Platform(os: "linux", architecture: "s390x"))
    func blob(_ bytes: [UInt8]) -> (String, [UInt8]) { ("blobs/sha256/\(digest(bytes).hex)", bytes) }
    let index = JSON.encode(ImageIndex(manifests: [foreign, descriptor]))
    let layout = try archive([
      blob(config), blob(manifest), blob(packed), ("index.json", index), ("oci-layout", Array("{}".utf8)),
    ])
    let image = try #require(try await images.load(ArraySource(layout)) { _ in }.first)
    #expect(image.names == ["example.org/oci:1"])
    #expect(image.id == digest(config))
    var damaged = packed
    damaged[4] ^= 1
    let wrong = try archive([
      blob(config), blob(manifest), ("blobs/sha256/\(digest(packed).hex)", damaged), ("index.json", index),
    ])
    #expect(await message { try await images.load(ArraySource(wrong)) { _ in } }.contains("has digest"))
  }

  @Test func `the same layer twice in one image stands twice`() async throws {
    let empty = [UInt8](repeating: 0, count: 1024)
    let image = try await load([base, empty, empty], ["twice"])
    #expect(image.layers.map(\.diffID) == [digest(base), digest(empty), digest(empty)])
    #expect(Set(image.layers.map(\.name)).count == 3)
  }

  @Test func `what is no image is refused, and nothing stays`() async throws {
    #expect(await message { try await images.load(ArraySource(base)) { _ in } }.contains("use import"))
    #expect(
      await message { try await images.load(ArraySource([1, 2, 3])) { _ in } }.contains("unexpected end"))
    let item = ArchivedImage(config: "c.json", repoTags: nil, layers: ["l/layer.tar"])
    let wrong = try archive([
      ("l/layer.tar", base), ("c.json", JSON.encode(config([top]))), ("manifest.json", JSON.encode([item])),
    ])
    #expect(
      await message { try await images.load(ArraySource(wrong)) { _ in } }.contains(
        "invalid diffID for layer"))
    #expect(try place.names("layers") == ["empty"])
    #expect(try await images.all().isEmpty)
  }

  @Test func `names that are not there, or no names, get docker's words`() async throws {
    #expect(await message { _ = try await images.find("x") } == "No such image: x:latest")
    #expect(await message { _ = try await images.find("a/b:v1") } == "No such image: a/b:v1")
    #expect(
      await message { _ = try await images.find("Upper") }
        == "invalid reference format: repository name (library/Upper) must be lowercase")
    #expect(await message { _ = try await images.find("a b") } == "invalid reference format")
  }

  @Test func `a tag moves, and the image that had it keeps its id`() async throws {
    let first = try await load([base], ["app"])
    let second = try await load([top], ["other"])
    try await images.tag("other", as: "app:latest")
    #expect(try await images.find("app").id == second.id)
    #expect(try await images.image(first.id).names.isEmpty)
    #expect(
      try await images.list(all: false, filters: Filters(["dangling": ["true"]])).map(\.id) == [
        first.id.description
      ])
    #expect(
      await message { try await images.tag("app", as: "x@\(first.id)") }
        == "refusing to create a tag with a digest reference")
  }

  @Test func `lists are filtered as docker does`() async throws {
    try await load([base], ["app:v1", "app:v2"])
    try await load([top], ["host:5000/tool:v1"], cmd: "tool")
    func names(_ filters: [String: [String]]) async throws -> [String] {
      try await images.list(all: false, filters: Filters(filters)).flatMap(\.repoTags).sorted()
    }
    #expect(try await names([:]) == ["app:v1", "app:v2", "host:5000/tool:v1"])
    #expect(try await names(["reference": ["app"]]) == ["app:v1", "app:v2"])
    #expect(try await names(["reference": ["*:v2"]]) == ["app:v2"])
    #expect(try await names(["reference": ["host:5000/*"]]) == ["host:5000/tool:v1"])
    #expect(try await names(["label": ["kind=tool"]]) == ["host:5000/tool:v1"])
    #expect(try await names(["label": ["kind"]]).count == 3)
    #expect(await message { _ = try await names(["nonsense": ["1"]]) } == "invalid filter 'nonsense'")
  }

  @Test func `removing gives the names and layers that went`() async throws {
    let image = try await load([base, top], ["app:v1", "app:v2"])
    try await load([base], ["base"], cmd: "base")
    let none: Images.Uses = { _ in [] }
    #expect(try await images.remove("app:v1", force: false, usedBy: none).map(\.untagged) == ["app:v1"])
    let items = try await images.remove("app:v2", force: false, usedBy: none)
    #expect(items.compactMap(\.untagged) == ["app:v2"])
    #expect(items.compactMap(\.deleted) == [image.id.description, image.layers[1].chainID.description])
    #expect(try await images.find("base").size == 5)
    _ = try await images.remove("base", force: false, usedBy: none)
    #expect(try place.names("layers") == ["empty"])
    #expect(try place.names("blobs/sha256").isEmpty)
  }

  @Test func `an image in use is kept, and docker's words say why`() async throws {
    let image = try await load([base], ["app:v1"])
    let id = String(repeating: "c", count: 64)
    let stopped: Images.Uses = { _ in [ContainerUse(id: id, isRunning: false)] }
    let running: Images.Uses = { _ in [ContainerUse(id: id, isRunning: true)] }
    #expect(
      await message { _ = try await images.remove("app:v1", force: false, usedBy: stopped) }
        == "conflict: unable to remove repository reference \"app:v1\" (must force) - container cccccccccccc is using its referenced image \(image.id.short)"
    )
    #expect(
      await message { _ = try await images.remove(image.id.short, force: false, usedBy: stopped) }
        == "conflict: unable to delete \(image.id.short) (must be forced) - image is being used by stopped container cccccccccccc"
    )
    #expect(
      await message { _ = try await images.remove(image.id.hex, force: true, usedBy: running) }
        == "conflict: unable to delete \(image.id.short) (cannot be forced) - image is being used by running container cccccccccccc"
    )
    #expect(try await images.remove("app:v1", force: true, usedBy: running).map(\.untagged) == ["app:v1"])
    #expect(try await images.image(image.id).names.isEmpty)
    try await images.tag(image.id.hex, as: "a:1")
    try await images.tag(image.id.hex, as: "b:1")
    #expect(
      await message { _ = try await images.remove(image.id.hex, force: false, usedBy: { _ in [] }) }
        == "conflict: unable to delete \(image.id.short) (must be forced) - image is referenced in multiple repositories"
    )
    let items = try await images.remove(image.id.hex, force: true, usedBy: { _ in [] })
    #expect(items.compactMap(\.untagged) == ["a:1", "b:1"])
  }

  @Test func `images are there again after a restart, and orphaned layers are not`() async throws {
    let image = try await load([base], ["app"])
    _ = try await images.snapshots.unpack(ArraySource(top), on: image.top, expecting: nil)
    let again = try await place.open()
    try await again.removeOrphans()
    #expect(try await again.find("app").id == image.id)
    #expect(try place.names("layers") == ["1", "1.frame", "empty"])
  }

  @Test func `a root file system is imported, and pruned when nobody names it`() async throws {
    let named = try await images.importTar(ArraySource(base), as: "rootfs:1", message: "from tar") {
      defaults in
      defaults.cmd = ["/bin/sh"]
    }
    #expect(named.names == ["rootfs:1"])
    #expect(named.config.config?.cmd == ["/bin/sh"])
    #expect(try await images.history("rootfs:1").map(\.comment) == ["from tar"])
    let nameless = try await images.importTar(ArraySource(top), as: nil, message: "")
    let report = try await images.prune(filters: Filters()) { _ in [] }
    #expect(report.imagesDeleted?.first?.deleted == nameless.id.description)
    #expect(report.spaceReclaimed == 11)
    #expect(try await images.all().map(\.id) == [named.id])
  }
}
