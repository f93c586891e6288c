import DockerAPI
import EngineErrors
import ImageNames
import Linux
import Reactor

extension Registry {
  /// Whom to ask for an image, in order: the mirrors for what docker.io has, then its own registry.
  func sessions(
    _ reference: ImageReference, _ auth: RegistryAuth?, _ stop: StopFlag
  ) -> [RegistrySession] {
    let own = RegistrySession(
      reference, auth: auth, actions: "pull", stop: stop, isInsecure: isInsecure(reference.domain))
    guard reference.domain == ImageReference.defaultDomain else { return [own] }
    // The user's password is for docker.io alone.
    return mirrors.map { RegistrySession(reference, auth: nil, actions: "pull", stop: stop, host: $0) } + [
      own
    ]
  }

  /// What the first session gives that does not fail. Where the registry itself is out of reach, what a mirror said
  /// is told.
  func trying<Value: Sendable>(
    _ sessions: [RegistrySession], _ body: @escaping @Sendable (RegistrySession) throws(EngineError) -> Value
  ) async throws(EngineError) -> Value {
    var refusal: EngineError?
    for session in sessions.dropLast() {
      do throws(EngineError) {
        return try await blocking { () throws(EngineError) in try body(session) }
      } catch {
        Log.info("mirror \(session.base): \(error)")
        if error.kind == .notFound { refusal = error }
      }
    }
    guard let own = sessions.last else { throw EngineError(.internal, "nobody to ask for the image") }
    do throws(EngineError) {
      return try await blocking { () throws(EngineError) in try body(own) }
    } catch {
      throw error.kind == .internal ? refusal ?? error : error
    }
  }
}
