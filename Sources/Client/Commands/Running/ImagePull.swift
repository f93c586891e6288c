import Credentials
import DockerAPI
import DockerClient
import ImageNames
import TerminalUI

/// Pulling an image with its progress on the terminal.
enum ImagePull {
  /// The address by which a registry's credentials are kept.
  static func server(of reference: ImageReference) -> String {
    reference.domain == ImageReference.defaultDomain ? CredentialStore.hub : reference.domain
  }

  /// What X-Registry-Auth says for an image; empty when nothing is known.
  static func auth(for reference: ImageReference, _ session: Session) throws -> String {
    try session.registryAuth(for: server(of: reference))
  }

  static func parse(_ name: String) throws -> ImageReference {
    do {
      return try ImageReference.parse(name)
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  static func pull(
    _ reference: ImageReference, platform: String, _ session: Session, on stream: StandardStream, quiet: Bool
  ) async throws {
    let client = try await session.engine()
    let auth = try auth(for: reference, session)
    let progress = try await client.pullImage(reference.familiar, platform: platform, auth: auth)
    try await ProgressStream.show(progress, on: stream, quiet: quiet)
  }
}

/// Showing what an engine tells while it works.
enum ProgressStream {
  /// Shows all of it; throws the error that it may end with. `aux` gets what is meant for programs.
  static func show(
    _ messages: ProgressMessages, on stream: StandardStream, quiet: Bool = false,
    aux: (ProgressMessage) -> Void = { _ in }
  ) async throws {
    var display = ProgressDisplay(on: stream)
    for try await message in messages {
      if let error = message.errorDetail {
        throw CommandFailure(
          error.message, status: error.code.flatMap { $0 == 0 ? nil : Int32(clamping: $0) } ?? 1)
      }
      if let error = message.error { throw CommandFailure(error) }
      if message.aux != nil { aux(message) }
      if quiet { continue }
      if let text = message.stream {
        stream.write(text)
      } else if let status = message.status {
        display.show(
          .init(
            id: message.id.flatMap { $0.isEmpty ? nil : $0 }, status: status,
            current: message.progressDetail?.current,
            total: message.progressDetail?.total))
      }
    }
  }
}
