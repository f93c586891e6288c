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
  private var attemptsLeft: Int
  private var hasEnded = false

  /// `attempts`: how often it is begun at the most, where connections break.
  init(_ descriptor: Descriptor, _ session: RegistrySession, attempts: Int) {
    self.descriptor = descriptor
    self.session = session
    attemptsLeft = attempts
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
      } catch  where Self.isPassing(error) && attemptsLeft > 0 {
        transfer = nil
      }
    }
    return []
  }

  /// Whether the connection broke, before the answer or in it.
  private static func isPassing(_ error: any Error) -> Bool {
    let cause = error as? TransferError ?? (error as? EngineError)?.cause as? TransferError
    return cause?.isPassing ?? false
  }

  private func open() throws -> Transfer {
    attemptsLeft -= 1
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
