import GRPC
import Reactor

/// Archives that clients send in a request of their own, besides the one that asks for the build.
final class ContextUploads: Sendable {
  /// One that is there. Its request lasts until it was taken and read, or nobody wants it.
  final class Upload: Sendable {
    let next: @Sendable () async throws -> [UInt8]?
    let taken = Latch()
    let done = Latch()
    init(_ next: @escaping @Sendable () async throws -> [UInt8]?) { self.next = next }
  }

  private let uploads = Arrivals<Upload>(most: 64)

  /// Offers an archive until a build has read it. Throws where none comes.
  func offer(_ id: String, _ next: @escaping @Sendable () async throws -> [UInt8]?) async throws {
    let upload = Upload(next)
    guard uploads.add(id, upload) else {
      throw GRPCStatus(.resourceExhausted, "the upload \(id) is there, or there are too many")
    }
    defer { uploads.remove(id) }
    do {
      try await withDeadline(milliseconds: Arrivals<Upload>.patience) { try await upload.taken.wait() }
    } catch is DeadlineExceeded {
      throw GRPCStatus(.notFound, "no build takes the upload \(id)")
    }
    try await upload.done.wait()
  }

  /// Runs `body` with the archive of that name, as soon as it is there.
  func with<Value: Sendable>(
    _ id: String, _ body: (@escaping @Sendable () async throws -> [UInt8]?) async throws -> Value
  ) async throws -> Value {
    let upload = try await uploads.find(id, else: "the build context of \(id) does not come")
    upload.taken.open()
    defer { upload.done.open() }
    return try await body(upload.next)
  }
}
