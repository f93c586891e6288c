import DockerAPI
import HTTP
import Linux
import Reactor
import Synchronization
import Testing

@testable import DockerClient

@Suite(.timeLimit(.minutes(1))) struct VersionTests {
  /// What an engine of version 1.41 is asked when an exec is prepared.
  private func asked(_ choose: (DockerClient) -> DockerClient) async throws -> [String] {
    let targets = Mutex<[String]>([])
    let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
    let server = HTTPServer { exchange in
      targets.withLock { $0.append("\(exchange.request.method) \(exchange.request.path)") }
      // A client that went away is none of this server's business.
      try? await exchange.respond(
        status: 201, headers: [("Api-Version", "1.41")], body: Array("{\"Id\":\"e1\"}".utf8))
    }
    let serving = Task { try await server.serve(listener) }
    defer { serving.cancel() }
    let client = DockerClient(host: .tcp(host: "127.0.0.1", port: try #require(listener.port)))
    var request = ExecCreateRequest()
    request.cmd = StringList(["true"])
    #expect(try await choose(client).createExec(in: "c", request) == "e1")
    return targets.withLock { $0 }
  }

  @Test func `the version that both speak is asked for once and named`() async throws {
    #expect(try await asked { $0 } == ["GET /_ping", "POST /v1.41/containers/c/exec"])
  }

  @Test func `what is the same in every version is asked at once`() async throws {
    #expect(try await asked { $0.withoutVersion } == ["POST /containers/c/exec"])
  }
}
