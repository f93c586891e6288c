import Archive
import DockerAPI
import EngineErrors
import HTTP
import Linux
import Reactor
import Synchronization
import Testing

@testable import APIServer

private func error(_ body: () throws -> Void) -> EngineError? {
  do { try body() } catch { return error as? EngineError }
  return nil
}

@Suite struct RouterTests {
  private let router = Router([
    Route("GET", "/containers/json") { _ in }, Route("GET", "/containers/{id}/json") { _ in },
    Route("GET", "/images/{name*}/json") { _ in }, Route("DELETE", "/images/{name*}") { _ in },
  ])

  @Test func `paths are found with a version and without`() throws {
    #expect(try router.find("GET", "/containers/json").version == .newest)
    #expect(try router.find("GET", "/v1.24/containers/json").version == APIVersion(1, 24))
    #expect(try router.find("GET", "/v1.41/containers/abc/json").holes == ["id": "abc"])
  }

  @Test func `a container's name may have its slash in front`() throws {
    #expect(try router.find("GET", "/v1.41/containers//web/json").holes == ["id": "web"])
  }

  @Test func `an image's name may hold slashes`() throws {
    #expect(try router.find("GET", "/images/a/b/c:1/json").holes == ["name": "a/b/c:1"])
    #expect(try router.find("GET", "/images/json/json").holes == ["name": "json"])
    #expect(try router.find("DELETE", "/images/localhost:5000/x").holes == ["name": "localhost:5000/x"])
  }

  @Test(arguments: [
    "/", "", "/containers", "/containers//json", "/images//json", "/v1.x/containers/json", "/vx",
    "/images/json",
  ])
  func `unknown paths are not found`(_ path: String) {
    #expect(error { _ = try router.find("GET", path) }?.message == "page not found")
  }

  @Test func `another method is another page`() {
    #expect(error { _ = try router.find("POST", "/containers/json") }?.kind == .notFound)
  }

  @Test func `a route that a version has not yet is refused by name`() throws {
    let router = Router([Route("POST", "/containers/prune", since: APIVersion(1, 25)) { _ in }])
    #expect(
      error { _ = try router.find("POST", "/v1.24/containers/prune") }?.message
        == "POST /containers/prune requires minimum API version 1.25")
    #expect(throws: Never.self) { try router.find("POST", "/v1.25/containers/prune") }
  }

  @Test func `versions that are not spoken are refused in docker's words`() {
    #expect(
      error { _ = try router.find("GET", "/v1.23/containers/json") }?.message
        == "client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version"
    )
    #expect(error { _ = try router.find("GET", "/v1.99/containers/json") }?.kind == .invalidArgument)
    #expect(throws: Never.self) { try router.find("GET", "/v1.51/containers/json") }
  }
}

@Suite struct QueryTests {
  @Test func `every kind of error has its status`() {
    let statuses = EngineError.Kind.allCases.map(\.status)
    #expect(statuses == [400, 404, 409, 304, 401, 403, 503, 501, 500])
  }
}

@Suite struct DetachKeysTests {
  @Test func `the standard is ctrl-p, ctrl-q`() throws {
    var keys = try DetachKeys("")
    #expect(keys == .standard)
    #expect(keys.filter([1, 16]) == ([1], false))
    #expect(keys.filter([17, 5]) == ([], true))
  }

  @Test func `a beginning that leads nowhere is passed on`() throws {
    var keys = try DetachKeys("ctrl-a,ctrl-a,b")
    #expect(keys.filter([1, 1]) == ([], false))
    #expect(keys.filter([99]) == ([1, 1, 99], false))
    #expect(keys.filter([98]) == ([98], false))
  }

  @Test func `the delete key has a name`() throws {
    var keys = try DetachKeys("ctrl-\\,DEL")
    #expect(keys.filter([28, 127]) == ([], true))
  }

  @Test(arguments: ["ctrl-", "ctrl-1", "CTRL-p", "ab", "a,,b", ","])
  func `what is no key is refused`(_ text: String) {
    #expect(throws: EngineError.self) { try DetachKeys(text) }
  }
}

@Suite struct FramingTests {
  @Test func `output is framed, a terminal's is not`() {
    #expect(StreamKind.framed.encode(.stderr, [7, 8]) == [2, 0, 0, 0, 0, 0, 0, 2, 7, 8])
    #expect(StreamKind.raw.encode(.stdout, [7, 8]) == [7, 8])
    #expect(StreamKind.framed.contentType(APIVersion(1, 41)) == "application/vnd.docker.raw-stream")
    #expect(StreamKind.framed.contentType(APIVersion(1, 42)) == "application/vnd.docker.multiplexed-stream")
    #expect(StreamKind.raw.contentType(APIVersion(1, 47)) == "application/vnd.docker.raw-stream")
  }
}

@Suite(.timeLimit(.minutes(1))) struct AnswerTests {
  /// What a client of ours gets from these routes.
  private func ask(
    _ routes: [Route], _ method: String, _ target: String, headers: [(String, String)] = [],
    body: HTTPRequestBody = .none
  ) async throws -> (status: Int, headers: HTTPHeaders, body: String) {
    let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
    let api = APIServer(routes)
    let serving = Task { try await HTTPServer { await api.answer($0) }.serve(listener) }
    defer { serving.cancel() }
    let client = HTTPClient(endpoint: .tcp(host: "127.0.0.1", port: try #require(listener.port)))
    let response = try await client.send(method, target, headers: headers, body: body)
    let text = String(decoding: try await response.body.collect(upTo: 1 << 20), as: UTF8.self)
    return (response.status, response.headers, text)
  }

  @Test func `errors are JSON with a message`() async throws {
    let routes = [Route("GET", "/x") { _ in throw EngineError(.conflict, "in the <way>") }]
    let answer = try await ask(routes, "GET", "/v1.40/x")
    #expect(answer.status == 409 && answer.body == "{\"message\":\"in the <way>\"}\n")
    #expect(answer.headers["api-version"] == "1.51" && answer.headers["content-type"] == "application/json")
    let unknown = try await ask(routes, "GET", "/nowhere")
    #expect(unknown.status == 404 && unknown.body == "{\"message\":\"page not found\"}\n")
  }

  @Test func `a body must be JSON and say so`() async throws {
    let routes = [Route("POST", "/x") { call in try await call.answer(call.body(IDResponse.self)) }]
    let good = try await ask(
      routes, "POST", "/x", headers: [("Content-Type", "application/json; charset=utf-8")],
      body: .bytes(Array(#"{"id":"a"}"#.utf8)))
    #expect(good.body == "{\"Id\":\"a\"}\n")
    let untyped = try await ask(routes, "POST", "/x", body: .bytes([0x7b, 0x7d]))
    #expect(untyped.status == 400 && untyped.body.contains("unsupported Content-Type header ()"))
    let empty = try await ask(routes, "POST", "/x", headers: [("Content-Type", "application/json")])
    #expect(empty.status == 400 && empty.body.contains("got EOF while reading request body"))
    let broken = try await ask(
      routes, "POST", "/x", headers: [("Content-Type", "application/json")], body: .bytes([0x7b]))
    #expect(broken.status == 400 && broken.body.contains("invalid JSON: "))
  }

  @Test func `an error before the first line is an HTTP error, one after it is a line`() async throws {
    let early = [
      Route("POST", "/x") { call in
        try await ProgressStream(call).run { throw EngineError(.notFound, "early") }
      }
    ]
    #expect(try await ask(early, "POST", "/x").status == 404)
    let late = [
      Route("POST", "/x") { call in
        try await ProgressStream(call).runReporting { report in
          var message = ProgressMessage()
          message.status = "going"
          report(message)
          throw EngineError(.notFound, "late")
        }
      }
    ]
    let answer = try await ask(late, "POST", "/x")
    #expect(answer.status == 200)
    #expect(
      answer.body
        == "{\"status\":\"going\"}\r\n{\"error\":\"late\",\"errorDetail\":{\"message\":\"late\"}}\r\n")
  }

  @Test func `swarm is refused as by an engine outside one`() async throws {
    let answer = try await ask(swarmRoutes() + pluginRoutes(), "GET", "/v1.41/services")
    #expect(answer.status == 503 && answer.body.contains("This node is not a swarm manager"))
    #expect(try await ask(pluginRoutes(), "GET", "/plugins").body == "[]\n")
  }

  @Test func `an upload is read by blocking`() async throws {
    let routes = [
      Route("POST", "/x") { call in
        let all = try await PipedSource.with(call.request.body) { source in
          try await blocking { try source.readToEnd(limit: 1 << 24) }
        }
        try await call.answer(["count": all.count])
      }
    ]
    let left = Mutex(40)
    let answer = try await ask(
      routes, "POST", "/x",
      body: .stream {
        left.withLock { left in
          left -= 1
          return left >= 0 ? [UInt8](repeating: 1, count: 100_000) : nil
        }
      })
    #expect(answer.body == "{\"count\":4000000}\n")
  }
}
