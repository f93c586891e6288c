import Archive
import Compression
import DockerAPI
import EngineErrors
import HTTP
import Hashing
import ImageNames
import JSON
import Linux
import OCISpec
import Reactor

extension Registry {
  /// A layer to be pushed: its archive is opened when its turn comes.
  public struct LayerUpload: Sendable {
    public let diffID: Digest
    let open: @Sendable () throws -> any ByteSource

    public init(diffID: Digest, open: @escaping @Sendable () throws -> any ByteSource) {
      self.diffID = diffID
      self.open = open
    }
  }

  /// How a layer's push goes on.
  public enum PushStep: Sendable {
    case preparing, exists, pushing(current: Int64, total: Int64), pushed
  }

  /// What was pushed.
  public struct PushedImage: Sendable {
    public let digest: Digest
    public let size: Int64
  }

  /// Puts an image under a tag: layers that the registry has are not sent, the others are compressed with gzip, several
  /// at once. `spool` is a directory for compressed layers on their way.
  public func push(
    _ reference: ImageReference, config: [UInt8], layers: [LayerUpload], auth: RegistryAuth?, spool: String,
    stop: StopFlag, step: @escaping @Sendable (Digest, PushStep) -> Void
  ) async throws(EngineError) -> PushedImage {
    let session = RegistrySession(
      reference, auth: auth, actions: "pull,push", stop: stop, isInsecure: isInsecure(reference.domain))
    let descriptors = try await send(layers, session, spool, step)
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "push \(reference.familiar)") {
        let configDescriptor = Descriptor(
          mediaType: MediaType.dockerConfig, digest: Digest(sha256: SHA256.hash(config)),
          size: Int64(config.count))
        if try !Self.has(configDescriptor.digest, session) {
          try Self.upload(configDescriptor, session) { .bytes(config) }
        }
        return try Self.put(
          ImageManifest(mediaType: MediaType.dockerManifest, config: configDescriptor, layers: descriptors),
          session)
      }
    }
  }

  /// What the layers are at the registry, where they all are afterwards.
  private func send(
    _ layers: [LayerUpload], _ session: RegistrySession, _ spool: String,
    _ step: @escaping @Sendable (Digest, PushStep) -> Void
  ) async throws(EngineError) -> [Descriptor] {
    for layer in layers { step(layer.diffID, .preparing) }
    let (sent, failure) = await transferAll(layers, session.stop) { (layer) async throws(EngineError) in
      try await self.sendInTurn(layer, session, spool, step)
    }
    if let failure { throw failure }
    return sent
  }

  private func sendInTurn(
    _ layer: LayerUpload, _ session: RegistrySession, _ spool: String,
    _ step: @escaping @Sendable (Digest, PushStep) -> Void
  ) async throws(EngineError) -> Descriptor {
    try await inTurn(uploads, session.stop) { () async throws(EngineError) in
      try await blocking { () throws(EngineError) in
        try failing(.internal, "push \(session.repository.familiar)") {
          try Self.send(layer, session, spool, step)
        }
      }
    }
  }

  private static func send(
    _ layer: LayerUpload, _ session: RegistrySession, _ spool: String,
    _ step: @escaping @Sendable (Digest, PushStep) -> Void
  ) throws -> Descriptor {
    let packed = try PackedLayer(try layer.open(), in: spool)
    let descriptor = Descriptor(
      mediaType: MediaType.dockerLayerGzip, digest: packed.digest, size: packed.size)
    if try has(packed.digest, session) {
      step(layer.diffID, .exists)
      return descriptor
    }
    let size = packed.size
    try upload(descriptor, session) {
      .source(try packed.source { step(layer.diffID, .pushing(current: $0, total: size)) }, size: size)
    }
    step(layer.diffID, .pushed)
    return descriptor
  }

  private static func has(_ digest: Digest, _ session: RegistrySession) throws -> Bool {
    let (response, _) = try session.send("HEAD", session.path("blobs/\(digest)"))
    return response.status == 200
  }

  private static func upload(
    _ descriptor: Descriptor, _ session: RegistrySession, body: () throws -> WebRequest.Body
  ) throws {
    let (start, startTransfer) = try session.send(
      "POST", session.path("blobs/uploads/"), body: { .bytes([]) })
    guard start.status == 202, let location = start.header("location") else {
      throw refused(start, try startTransfer.readToEnd(limit: 1 << 20), session)
    }
    let target =
      location + (location.contains("?") ? "&" : "?")
      + "digest=\(percentEncoded(descriptor.digest.description))"
    let headers = [(name: "Content-Type", value: "application/octet-stream")]
    let (end, endTransfer) = try session.send("PUT", target, headers: headers, body: body)
    guard end.status == 201 else { throw refused(end, try endTransfer.readToEnd(limit: 1 << 20), session) }
  }

  private static func put(_ manifest: ImageManifest, _ session: RegistrySession) throws -> PushedImage {
    let bytes = JSON.encode(manifest)
    let name = session.repository.tag ?? ImageReference.defaultTag
    let headers = [(name: "Content-Type", value: manifest.mediaType ?? MediaType.dockerManifest)]
    let (response, transfer) = try session.send("PUT", session.path("manifests/\(name)"), headers: headers) {
      .bytes(bytes)
    }
    guard response.status == 201 else {
      throw refused(response, try transfer.readToEnd(limit: 1 << 20), session)
    }
    return PushedImage(digest: Digest(sha256: SHA256.hash(bytes)), size: Int64(bytes.count))
  }

  private static func refused(_ response: WebResponse, _ body: [UInt8], _ session: RegistrySession)
    -> EngineError
  {
    guard response.status == 401 || response.status == 403 else {
      return refusal(response, body, session.repository)
    }
    return EngineError(
      .forbidden, "denied: \(RegistryRefusal(body)?.message ?? "requested access to the resource is denied")")
  }
}

/// A layer compressed into a file without a name.
private final class PackedLayer {
  private let file: FileDescriptor
  let digest: Digest
  let size: Int64

  init(_ source: any ByteSource, in directory: String) throws {
    let file = try FileDescriptor.open(directory, [.unnamed, .readWrite], mode: 0o600)
    let hash = SHA256()
    var size: Int64 = 0
    let raw = SpoolFile(file)
    let writer = GzipWriter { bytes in
      hash.update(bytes)
      size += Int64(bytes.count)
      try raw.file.writeAll(bytes)
    }
    while true {
      let bytes = try source.read(upTo: 1 << 18)
      if bytes.isEmpty { break }
      try bytes.withUnsafeBytes(writer.write)
    }
    try writer.finish()
    self.file = try raw.file.duplicate()
    digest = Digest(sha256: hash.finish())
    self.size = size
  }

  /// The compressed bytes from their start; `observe` hears how many were read.
  func source(_ observe: @escaping @Sendable (Int64) -> Void) throws -> any ByteSource {
    try file.seek(to: 0)
    return CountedSource(DescriptorSource(try file.duplicate()), observe)
  }
}

private final class SpoolFile {
  let file: FileDescriptor
  init(_ file: consuming FileDescriptor) { self.file = file }
}

/// Says after every mebibyte how many bytes were read.
private final class CountedSource: ByteSource, @unchecked Sendable {
  private let inner: any ByteSource
  private let observe: @Sendable (Int64) -> Void
  private var count: Int64 = 0
  private var shown: Int64 = 0

  init(_ inner: any ByteSource, _ observe: @escaping @Sendable (Int64) -> Void) {
    self.inner = inner
    self.observe = observe
  }

  func read(upTo limit: Int) throws -> [UInt8] {
    let bytes = try inner.read(upTo: limit)
    count += Int64(bytes.count)
    if count - shown >= 1 << 20 || bytes.isEmpty {
      shown = count
      observe(count)
    }
    return bytes
  }
}
