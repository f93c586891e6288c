import BuildKitAPI
import Builder
import DockerAPI
import Dockerfile
import EngineErrors
import GRPC
import HTTP2
import JSON
import Protobuf
import Reactor
import Synchronization
import Testing

@testable import BuildKit

@Suite(.timeLimit(.minutes(1))) struct StatusTests {
  private func told(_ log: StatusLog) async throws -> [StatusResponse] {
    log.end()
    var all: [StatusResponse] = []
    while let message = try await log.message(all.count) { all.append(try StatusResponse(protobuf: message)) }
    return all
  }

  private func vertices() -> BuildVertices { BuildVertices(ref: "r") }

  @Test func `a step begins, speaks and ends under one digest`() async throws {
    let vertices = vertices()
    vertices.hear(.began(step: 1, name: "[1/2] FROM busybox"))
    vertices.hear(.ended(step: 1, isCached: false, failure: nil))
    vertices.hear(.began(step: 2, name: "[2/2] RUN x"))
    vertices.hear(.said(step: 2, isErrorOutput: true, Array("no\n".utf8)))
    vertices.hear(.ended(step: 2, isCached: false, failure: EngineError(.internal, "broken")))
    let told = try await told(vertices.log)
    let second = told.flatMap(\.vertices).filter { $0.name == "[2/2] RUN x" }
    #expect(Set(second.map(\.digest)).count == 1)
    #expect(second[0].inputs == [told[0].vertices[0].digest])
    #expect(second.last?.error == "broken")
    #expect(second.last?.completed != nil)
    let log = try #require(told.flatMap(\.logs).first)
    #expect(log.vertex == second[0].digest)
    #expect(log.stream == 2)
    #expect(log.message == Array("no\n".utf8))
  }

  @Test func `what came from the cache says so`() async throws {
    let vertices = vertices()
    vertices.hear(.began(step: 1, name: "x"))
    vertices.hear(.ended(step: 1, isCached: true, failure: nil))
    #expect(try await told(vertices.log).last?.vertices.first?.isCached == true)
  }

  @Test func `a step that never stops talking is cut off once`() async throws {
    let vertices = vertices()
    vertices.hear(.began(step: 1, name: "yes"))
    for _ in 0..<40 {
      vertices.hear(.said(step: 1, isErrorOutput: false, [UInt8](repeating: 121, count: 100_000)))
    }
    vertices.hear(.ended(step: 1, isCached: false, failure: nil))
    let told = try await told(vertices.log)
    let bytes = told.flatMap(\.logs).reduce(0) { $0 + $1.message.count }
    #expect(bytes > StatusLog.mostOfStep && bytes < StatusLog.mostOfStep + 100)
    let clipped = told.flatMap(\.logs).filter {
      String(decoding: $0.message, as: UTF8.self).contains("log limit 2MiB reached")
    }
    #expect(clipped.count == 1)
    #expect(told.last?.vertices.first?.completed != nil)
  }

  @Test func `who asks late hears all, who asks early hears it as it comes`() async throws {
    let log = StatusLog()
    let early = Task { try await log.message(0) }
    log.add(StatusResponse())
    #expect(try await early.value == [])
    #expect(try await log.message(0) == [])
    log.end()
    log.add(StatusResponse())
    #expect(try await log.message(1) == nil)
  }

  @Test func `a listener hears what a failed build said last, however slowly it takes it`() async throws {
    let log = StatusLog()
    let heard = Mutex(0)
    await #expect(throws: EngineError.self) {
      try await log.heard { _ in
        try await sleep(milliseconds: 5)
        heard.withLock { $0 += 1 }
      } during: {
        for _ in 0..<3 { log.add(StatusResponse()) }
        throw EngineError(.internal, "broken")
      }
    }
    #expect(heard.withLock { $0 } == 3)
  }

  @Test func `a listener that has gone ends the build`() async throws {
    let (log, isCancelled) = (StatusLog(), Latch())
    await #expect(throws: HTTP2Error.gone) {
      try await log.heard { _ in
        throw HTTP2Error.gone
      } during: {
        log.add(StatusResponse())
        do { try await Latch().wait() } catch { isCancelled.open() }
      }
    }
    #expect(isCancelled.isOpen)
  }

  @Test func `a failure shows the lines of the Dockerfile`() throws {
    let file = SourceFile(name: "Dockerfile", text: "FROM x\nRUN y\n")
    let failure = BuildFailure(message: "docker's words", code: 3, words: ["/bin/sh", "-c", "y"])
    let status = BuildFailureText.status(failure, in: file, at: 2...2)
    #expect(status.message == "process \"/bin/sh -c y\" did not complete successfully: exit code: 3")
    let detail = try #require(status.details.first)
    #expect(detail.typeURL == "github.com/moby/buildkit/errdefs.Source+json")
    #expect(
      String(decoding: detail.value, as: UTF8.self)
        == "{\"info\":{\"filename\":\"Dockerfile\",\"data\":\"RlJPTSB4ClJVTiB5Cg==\",\"language\":\"Dockerfile\"},"
        + "\"ranges\":[{\"start\":{\"line\":2},\"end\":{\"line\":2}}]}")
    let parse = EngineError(.invalidArgument, "what", cause: DockerfileError(line: 1, message: "what"))
    #expect(BuildFailureText.status(parse, in: file, at: nil).details.count == 1)
    #expect(BuildFailureText.status(CancellationError(), in: file, at: 1...1).code == .cancelled)
  }
}

@Suite struct FrontendTests {
  @Test func `attributes become the builder's options`() throws {
    let frontend = FrontendOptions([
      "filename": "Other", "target": "t", "build-arg:A": "1", "build-arg:B": "", "label:l": "v",
      "no-cache": "",
      "image-resolve-mode": "pull", "add-hosts": "one=1.2.3.4,six=::1", "shm-size": "1000",
      "cgroup-parent": "/x", "ulimit": "nofile=10:20,nproc=5",
      "force-network-mode": "host", "platform": "linux/amd64", "frontend.caps": "ignored",
    ])
    let options = try frontend.buildOptions()
    #expect(options.dockerfile == "Other")
    #expect(options.target == "t")
    #expect(options.buildArguments == ["A": "1", "B": ""])
    #expect(options.labels == ["l": "v"])
    #expect(options.noCache && options.pull)
    #expect(options.resources.extraHosts == ["one:1.2.3.4", "six:::1"])
    #expect(options.resources.sharedMemory == 1000)
    #expect(options.networkMode == "host")
    #expect(options.resources.ulimits.map(\.name) == ["nofile", "nproc"])
  }

  @Test(arguments: [
    ["requestid": "frontend.lint"], ["platform": "linux/amd64,linux/arm64"], ["shm-size": "much"],
    ["add-hosts": "x"], ["ulimit": "nofile"],
  ])
  func `what cannot be done is refused by name`(_ attributes: [String: String]) {
    #expect(throws: EngineError.self) { try FrontendOptions(attributes).buildOptions() }
  }

  @Test func `contexts are directories, archives of the client, or elsewhere`() {
    func place(_ attributes: [String: String]) -> ContextPlace { FrontendOptions(attributes).place }
    guard case .directory("context") = place([:]).files else { return #expect(Bool(false)) }
    #expect(place([:]).dockerfileDirectory == "dockerfile")
    guard case .archive("/id") = place(["context": "http://buildkit-session/id"]).files else {
      return #expect(Bool(false))
    }
    let git = place(["context": "https://x/y.git"])
    guard case .remote("https://x/y.git") = git.files else { return #expect(Bool(false)) }
    #expect(git.dockerfileDirectory == nil)
  }

  @Test func `only what makes images is exported`() throws {
    var request = SolveRequest()
    #expect(try ImageExport(request).names == nil)
    var exporter = TypedAttributes()
    exporter.type = "moby"
    exporter.attributes["name"] = "a,b:c"
    request.exporters = [exporter]
    #expect(try ImageExport(request).names == ["a", "b:c"])
    for (type, attributes) in [("local", [:]), ("moby", ["name": "A"]), ("image", ["push": "true"])]
      as [(String, [String: String])]
    {
      request.exporters[0].type = type
      request.exporters[0].attributes = attributes
      #expect(throws: GRPCStatus.self) { try ImageExport(request) }
    }
  }

  @Test func `requests of clients of any age are read`() throws {
    var writer = ProtobufWriter()
    writer.text(1, "ref")
    writer.text(3, "moby")
    writer.map(4, ["name": "x"])
    let request = try SolveRequest(protobuf: writer.bytes)
    #expect(request.allExporters.first?.attributes == ["name": "x"])
  }

  @Test func `patterns that are not printable ASCII travel escaped`() {
    let fields = FileWish(includes: ["grün a", "b*"], excludes: ["b* c"], follows: ["a\u{7}"]).metadata(
      "context")
    #expect(fields.all("include-patterns") == ["gr%C3%BCn%20a", "b%2A"])
    #expect(fields["include-patterns-encoded"] == "1")
    #expect(fields["exclude-patterns"] == "b* c")
    #expect(fields["exclude-patterns-encoded"] == nil)
    #expect(fields["followpaths"] == "a%07")
    #expect(fields["followpaths-encoded"] == "1")
    #expect(fields["dir-name"] == "context")
  }

  @Test func `a prune's words become the cache's`() throws {
    var request = PruneRequest()
    request.filters = ["type==regular", "id=abc"]
    request.keepDuration = 90_000_000_000
    request.reservedSpace = 5
    let wish = try CachePrune(request)
    #expect(wish.filters.values == ["type": ["regular"], "id": ["abc"], "until": ["90s"]])
    #expect(wish.reservedSpace == 5 && !wish.all)
    // As buildx writes it.
    request.filters = ["id~=^ab,type==regular,shared"]
    #expect(try CachePrune(request).filters.values["id"] == ["^ab"])
    #expect(try CachePrune(request).filters.values["type"] == ["regular"])
    #expect(try CachePrune(request).filters.values["shared"] == [])
    request.filters = [""]
    #expect(try CachePrune(request).filters.values == ["until": ["90s"]])
    request.filters = ["type~=reg"]
    #expect(throws: EngineError.self) { try CachePrune(request) }
    request.filters = ["nonsense"]
    #expect(throws: EngineError.self) { try CachePrune(request) }
    request.filters = ["colour=red"]
    #expect(throws: EngineError.self) { try CachePrune(request) }
  }

  @Test func `builds are found by whoever asks, also too early`() async throws {
    let jobs = BuildJobs()
    let early = Task { try await jobs.find("r") }
    var request = SolveRequest()
    request.ref = "r"
    let job = try jobs.begin(request)
    #expect(try await early.value === job)
    #expect(throws: GRPCStatus.self) { try jobs.begin(request) }
    #expect(throws: GRPCStatus.self) { try jobs.begin(SolveRequest()) }
    job.finish(.success(nil))
    #expect(try await job.outcome() == nil)
  }
}
