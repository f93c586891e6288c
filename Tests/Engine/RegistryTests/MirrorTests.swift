import DockerAPI
import EngineErrors
import ImageNames
import Testing

@testable import Registry

@Suite struct MirrorTests {
  private let registry = Registry(mirrors: ["http://127.0.0.1:5000/", "https://mirror.example"])

  @Test func `mirrors are asked for docker.io's images only, and get no password`() throws {
    var auth = RegistryAuth()
    auth.username = "me"
    let own = try ImageReference.parse("busybox")
    #expect(
      registry.sessions(own, auth, StopFlag()).map(\.base) == [
        "http://127.0.0.1:5000", "https://mirror.example", "https://registry-1.docker.io",
      ])
    let other = try ImageReference.parse("quay.example/busybox")
    #expect(registry.sessions(other, auth, StopFlag()).map(\.base) == ["https://quay.example"])
  }

  @Test func `the first that answers is taken, and a refusal outlives a registry out of reach`() async throws
  {
    let sessions = registry.sessions(try ImageReference.parse("busybox"), nil, StopFlag())
    let second = try await registry.trying(sessions) { session throws(EngineError) in
      if session.base.hasPrefix("http:") { throw EngineError(.internal, "out of reach") }
      return session.base
    }
    #expect(second == "https://mirror.example")
    do {
      try await registry.trying(sessions) { session throws(EngineError) in
        let isMirror = session.base == "https://mirror.example"
        throw EngineError(isMirror ? .notFound : .internal, session.base)
      }
      Issue.record("nobody answered")
    } catch {
      #expect(error.kind == .notFound && error.message == "https://mirror.example")
    }
  }
}
