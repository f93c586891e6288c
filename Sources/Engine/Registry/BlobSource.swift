import Archive
import EngineErrors
import Hashing
import Linux
import OCISpec

/// A blob of a registry as it arrives. Its end is only given out after size and digest were found right.
final class BlobSource: ByteSource, @unchecked Sendable {
  private let descriptor: Descriptor
  private let session: RegistrySession
  private let hash = SHA256()
  private var transfer: Transfer?
  private var count: Int64 = 0
  private var attempts = 0
  private var hasEnded = false

  init(_ descriptor: Descriptor, _ session: RegistrySession) {
    self.descriptor = descriptor
    self.session = session
  }

  func read(upTo limit: Int) throws -> [UInt8] {
    while !hasEnded {
      do {
        let transfer = try transfer ?? open()
        self.transfer = transfer
        let bytes = try transfer.read(upTo: limit)
        if bytes.isEmpty {
          try checkWhole()
        } else {
          try take(bytes)
          return bytes
        }
      } catch let error as TransferError where error.isPassing && attempts < 5 {
        transfer = nil
      }
    }
    return []
  }

  private func open() throws -> Transfer {
    attempts += 1
    let (response, transfer) = try session.send(
      "GET", session.path("blobs/\(descriptor.digest)"), offset: count)
    switch response.status {
    case 206: return transfer
    case 200:
      // The server gives everything again: skip what is there already.
      var left = count
      while left > 0 {
        let some = try transfer.read(upTo: Int(min(left, 1 << 16)))
        guard !some.isEmpty else { throw EngineError(.internal, "blob \(descriptor.digest) ends early") }
        left -= Int64(some.count)
      }
      return transfer
    default:
      let said = RegistryRefusal(try transfer.readToEnd(limit: 1 << 20))
      throw EngineError(
        response.status == 404 ? .notFound : .internal,
        "blob \(descriptor.digest): \(said?.message ?? "status \(response.status)")")
    }
  }

  private func take(_ bytes: [UInt8]) throws {
    count += Int64(bytes.count)
    guard count <= descriptor.size else {
      throw EngineError(.internal, "blob \(descriptor.digest) is larger than its \(descriptor.size) bytes")
    }
    hash.update(bytes)
  }

  private func checkWhole() throws {
    guard count == descriptor.size else {
      throw EngineError(
        .internal, "blob \(descriptor.digest) has \(count) bytes instead of \(descriptor.size)")
    }
    let actual = Digest(sha256: hash.finish())
    guard actual == descriptor.digest else {
      throw EngineError(.internal, "filesystem layer verification failed for digest \(descriptor.digest)")
    }
    hasEnded = true
  }
}
