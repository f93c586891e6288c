import Archive
import DockerAPI
import EngineErrors
import Linux
import OCISpec
import Records
import ShimProtocol
import Snapshots
import Synchronization
import Testing

@testable import Builder

/// Images in memory: only what builds made.
private final class MemoryImages: ImageStore {
  let kept = Mutex<[String: BaseImage]>([:])
  func base(_ reference: String) async throws -> BaseImage {
    guard let image = kept.withLock({ $0[reference] }) else { throw EngineError.notFound("image", reference) }
    return image
  }
  func fetch(
    _ reference: String, platform: String, auth: RegistryAuth?,
    progress: @escaping @Sendable (ProgressMessage) -> Void
  ) async throws -> BaseImage {
    throw EngineError(.notFound, "pull access denied for \(reference)")
  }
  func keep(_ config: ImageConfig, top: Digest?, names: [String]) async throws -> Digest {
    var state = StageState(base: config, top: top)
    state.config = config
    let id = try BuildRun.id(of: state)
    kept.withLock { images in
      for name in names + ["\(id)"] { images[name] = BaseImage(id: id, config: config, top: top) }
    }
    return id
  }
  /// What removes layers that nobody needs.
  let sweep = Mutex<(@Sendable () async throws -> Void)?>(nil)
  func sweepLayers() async throws { try await sweep.withLock { $0 }?() }
}

/// Understands `write PATH TEXT`, `say TEXT`, `slow`, `meanwhile` and `fail CODE`, and does them in the writable layer.
private final class SmallRunner: StepRunner {
  let steps = Mutex<[RunStep]>([])
  /// What others do while `meanwhile` is running.
  let meanwhile = Mutex<(@Sendable () async throws -> Void)?>(nil)
  func run(_ step: RunStep) async throws -> Int32 {
    steps.withLock { $0.append(step) }
    let words = (step.arguments.last ?? "").split(separator: " ").map(String.init)
    switch words.first {
    case "write":
      let path = "\(step.rootFileSystem.upper ?? "")\(words[1])"
      try Files.makeDirectories(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
      try Files.write(path, Array(words[2].utf8))
    case "say": await step.output(false, Array("\(words[1])\n".utf8))
    // Long enough for another build to come to this step.
    case "slow": try await Task.sleep(for: .milliseconds(200))
    case "meanwhile": try await meanwhile.withLock { $0 }?()
    case "fail": return Int32(words[1]) ?? 1
    default: break
    }
    return 0
  }
}

/// Builds over a data root of their own; they mount overlays, so only root can run them.
@Suite(.enabled(if: Identity.effectiveUser == 0)) struct BuildTests {
  private final class House: Sendable {
    let root = "/tmp/skiff-build-\(UInt64.random(in: 0 ... .max))"
    let images = MemoryImages()
    let runner = SmallRunner()
    let snapshots: Snapshots
    let builder: Builder
    let memory: MemoryDirectory
    init() throws {
      memory = try MemoryDirectory(named: "skiff-test-\(UInt64.random(in: 0 ... .max))", in: ["/dev/shm"])
      try Files.makeDirectories(root)
      let database = try Database(path: "\(root)/skiff.db")
      snapshots = try Snapshots(dataRoot: root, database: database)
      builder = try Builder(
        images: images, snapshots: snapshots, database: database, runner: runner, downloader: nil,
        dataRoot: root,
        memory: memory,
        host: nil)
    }
    deinit {
      try? memory.remove()
      try? Files.removeTree(root)
    }

    /// Builds and answers what was said.
    func build(_ files: [String: String], _ change: (inout BuildOptions) -> Void = { _ in }) async throws -> (
      id: Digest, said: String
    ) {
      var tar: [UInt8] = []
      try withUnsafeMutablePointer(to: &tar) { pointer in
        var writer = TarWriter { pointer.pointee.append(contentsOf: $0) }
        for (name, text) in files.sorted(by: { $0.key < $1.key }) {
          try writer.add(
            TarEntry(name, .file, mode: 0o640, modified: TarTime(seconds: 1000)), Array(text.utf8))
        }
        try writer.finish()
      }
      var options = BuildOptions()
      options.tags = ["made"]
      change(&options)
      let said = Mutex("")
      let id = try await builder.build(options, context: ArraySource(tar)) { message in
        said.withLock { $0 += message.stream ?? "" }
      }
      return (id, said.withLock { $0 })
    }

    /// The image's files under its root, by path.
    func read(_ id: Digest, _ path: String) async throws -> String {
      let top = try await images.base("\(id)").top
      return try await snapshots.withMounted(try await snapshots.rootFileSystem(of: top), readOnly: true) {
        root in
        String(
          decoding: try FileDescriptor.open(root, [.directory]).open(inside: path, [.readOnly]).readToEnd(),
          as: UTF8.self)
      }
    }

    func status(_ id: Digest, _ path: String) async throws -> FileStatus? {
      let top = try await images.base("\(id)").top
      return try await snapshots.withMounted(try await snapshots.rootFileSystem(of: top), readOnly: true) {
        root in
        try FileDescriptor.open(root, [.directory]).statusInside(path)
      }
    }

    var leftovers: [String] {
      get throws { try Files.names(in: "\(root)/tmp") + Files.names(in: "\(root)/containers") }
    }
  }

  private let dockerfile = """
    FROM scratch
    WORKDIR /app
    COPY a.txt .
    RUN write /app/made hello
    COPY . /all/
    CMD ["x"]
    """

  @Test func `a build makes an image, and the same build again takes every step from the cache`() async throws
  {
    let house = try House()
    let files = ["Dockerfile": dockerfile, "a.txt": "A", "d/b.txt": "B"]
    let first = try await house.build(files)
    #expect(first.said.contains("Step 1/6 : FROM scratch\n ---> \n"))
    #expect(first.said.contains(" ---> Running in "))
    #expect(first.said.hasSuffix("Successfully built \(first.id.short)\nSuccessfully tagged made:latest\n"))
    #expect(try await house.read(first.id, "/app/a.txt") == "A")
    #expect(try await house.read(first.id, "/app/made") == "hello")
    #expect(try await house.read(first.id, "/all/d/b.txt") == "B")
    let copied = try #require(try await house.status(first.id, "/app/a.txt"))
    #expect(copied.permissions == 0o640 && copied.uid == 0 && copied.modified.seconds == 1000)

    let second = try await house.build(files)
    #expect(second.id == first.id)
    #expect(second.said.split(separator: "\n").count { $0 == " ---> Using cache" } == 5)
    #expect(house.runner.steps.withLock { $0.count } == 1)
    #expect(try house.leftovers.isEmpty)
  }

  @Test func `a changed file is noticed where it is copied, and not before`() async throws {
    let house = try House()
    _ = try await house.build(["Dockerfile": dockerfile, "a.txt": "A", "b": "1"])
    let again = try await house.build(["Dockerfile": dockerfile, "a.txt": "A", "b": "2"])
    #expect(again.said.split(separator: "\n").count { $0 == " ---> Using cache" } == 3)
    let fresh = try await house.build(["Dockerfile": dockerfile, "a.txt": "A", "b": "2"]) {
      $0.noCache = true
    }
    #expect(!fresh.said.contains("Using cache"))
  }

  @Test func `builds side by side do the steps that they share once`() async throws {
    let house = try House()
    let shared = "FROM scratch\nWORKDIR /app\nRUN slow\nRUN write /app/packages many\n"
    async let first = house.build(["Dockerfile": shared + "RUN write /app/a one\n"])
    async let second = house.build(["Dockerfile": shared + "RUN write /app/b two\n"])
    let ids = try await (first.id, second.id)
    #expect(house.runner.steps.withLock { $0.count } == 4)
    #expect(try await house.read(ids.0, "app/packages") == "many")
    #expect(try await house.read(ids.1, "app/b") == "two")
  }

  @Test func `a step from the cache stays while the build that took it goes on`() async throws {
    let house = try House()
    let shared = "FROM scratch\nRUN write /packages many\n"
    let first = try await house.build(["Dockerfile": shared])
    house.images.kept.withLock { $0 = [:] }
    let (builder, snapshots) = (house.builder, house.snapshots)
    house.images.sweep.withLock {
      $0 = {
        let held = await builder.heldChains()
        for layer in await snapshots.allLayers() where !held.contains(layer.chainID) {
          try await snapshots.remove(chainID: layer.chainID)
        }
      }
    }
    house.runner.meanwhile.withLock {
      $0 = {
        var everything = CachePrune()
        everything.all = true
        _ = try await builder.pruneCache(everything, ownedByImages: [])
      }
    }
    // The step stands on nothing yet when the cache is pruned.
    let text = shared + "FROM scratch\nRUN meanwhile\nCOPY --from=0 /packages /\n"
    let second = try await house.build(["Dockerfile": text])
    #expect(second.id != first.id)
    #expect(try await house.read(second.id, "/packages") == "many")
  }

  @Test func `a build does itself what the one that it waited for could not`() async throws {
    let house = try House()
    let files = ["Dockerfile": "FROM scratch\nRUN slow\nRUN fail 3\n"]
    @Sendable func fails() async -> Bool {
      do { _ = try await house.build(files) } catch { return error is BuildFailure }
      return false
    }
    async let first = fails()
    async let second = fails()
    let bothFail = await (first, second)
    #expect(bothFail == (true, true))
    #expect(house.runner.steps.withLock { $0.count } == 3)
  }

  @Test func `a failed step says its command, its line and its code, and leaves nothing`() async throws {
    let house = try House()
    let text = "FROM scratch\nCOPY Dockerfile /\nRUN say before\nRUN fail 7\n"
    await #expect {
      _ = try await house.build(["Dockerfile": text])
    } throws: { error in
      (error as? BuildFailure)?.message == "The command '/bin/sh -c fail 7' returned a non-zero code: 7"
        && (error as? BuildFailure)?.code == 7
    }
    #expect(try house.leftovers.isEmpty)
    #expect(house.images.kept.withLock { $0.isEmpty })
  }

  @Test func `stages copy from each other, with owners and modes, and unused ones are not built`()
    async throws
  {
    let house = try House()
    let text = """
      FROM scratch AS base
      COPY a.txt /bin/tool
      FROM scratch AS unused
      RUN fail 1
      FROM scratch
      COPY --from=base --chown=12:34 --chmod=u=rwx,go=rx /bin/ /opt/bin/
      COPY --from=0 /bin/tool /single
      """
    let built = try await house.build(["Dockerfile": text, "a.txt": "tool"])
    let tool = try #require(try await house.status(built.id, "/opt/bin/tool"))
    #expect(tool.uid == 12 && tool.gid == 34 && tool.permissions == 0o755)
    #expect(try await house.read(built.id, "/single") == "tool")
    #expect(
      try await house.build(["Dockerfile": text, "a.txt": "tool"]).said.contains(
        "Using cache\n ---> \(built.id.short)"))
  }

  @Test
  func `a named directory is the source of copies and mounts, and stays as it is where it is only read`()
    async throws
  {
    let house = try House()
    let text = """
      FROM scratch
      COPY --from=data f /copied
      RUN --mount=type=bind,from=data,source=f,target=/a say 1
      RUN --mount=type=bind,from=data,source=f,target=/a say 2
      RUN --mount=type=bind,from=data,source=f,target=/a,rw say 3
      """
    let built = try await house.build(["Dockerfile": text]) {
      $0.contexts["data"] = .files { receiver in
        try receiver.apply([
          .file(id: 1, path: "f", mode: 0o644, modified: 0), .contents(id: 1, [65]), .end(id: 1),
        ])
      }
    }
    #expect(try await house.read(built.id, "/copied") == "A")
    let mounts = house.runner.steps.withLock { $0.compactMap(\.mounts.first) }
    #expect(mounts.map(\.readOnly) == [true, true, false])
    #expect(mounts.count == 3 && mounts[0].kind == mounts[1].kind && mounts[1].kind != mounts[2].kind)
  }

  @Test func `links of the image are followed inside the image only`() async throws {
    let house = try House()
    var tar: [UInt8] = []
    try withUnsafeMutablePointer(to: &tar) { pointer in
      var writer = TarWriter { pointer.pointee.append(contentsOf: $0) }
      try writer.add(TarEntry("var/run", .symbolicLink(target: Array("/run".utf8)), mode: 0o777))
      try writer.add(TarEntry("run", .directory, mode: 0o711))
      try writer.add(
        TarEntry("etc", .symbolicLink(target: Array("../../../../../../../../tmp".utf8)), mode: 0o777))
      try writer.finish()
    }
    let base = try await house.snapshots.unpack(ArraySource(tar), on: nil, expecting: nil)
    house.images.kept.withLock {
      $0["linked"] = BaseImage(
        id: base.diffID, config: ImageConfig(diffIDs: [base.diffID]), top: base.chainID)
    }
    let built = try await house.build([
      "Dockerfile": "FROM linked\nCOPY a /var/run/x/\nCOPY a /etc/skiff-escape", "a": "1",
    ])
    #expect(try await house.read(built.id, "/run/x/a") == "1")
    #expect(try await house.read(built.id, "/tmp/skiff-escape") == "1")
    #expect(!Files.exist("/tmp/skiff-escape"))
    #expect(try await house.status(built.id, "/run")?.permissions == 0o711)
    #expect(try await house.status(built.id, "/var/run")?.kind == .symbolicLink)
  }

  @Test func `mistakes are told in docker's words`() async throws {
    let house = try House()
    let cases: [(String, String)] = [
      ("FROM nope", "pull access denied for nope"),
      (
        "FROM scratch\nCOPY nope /",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat nope: file does not exist"
      ),
      (
        "FROM scratch\nCOPY A.TXT /",
        "COPY failed: file not found in build context or excluded by .dockerignore: stat A.TXT: file does not exist (did you mean a.txt?)"
      ),
      (
        "FROM scratch\nCOPY a.txt Dockerfile /x",
        "When using COPY with more than one source file, the destination must be a directory and end with a /"
      ),
      ("FROM scratch\nCOPY *.nope /", "COPY failed: no source files were specified"),
      ("FROM scratch\nFOO x", "dockerfile parse error on line 2: unknown instruction: FOO"),
      (
        "FROM scratch\nCOPY --chown=who a.txt /",
        "unable to convert uid/gid chown string to host mapping: can't find uid for user who: no such user: who"
      ),
      (" \n", "the Dockerfile (Dockerfile) cannot be empty"),
    ]
    for (text, message) in cases {
      await #expect {
        _ = try await house.build(["Dockerfile": text, "a.txt": ""])
      } throws: { error in
        "\(error)" == message
      }
    }
    await #expect { _ = try await house.build(["a": ""]) } throws: {
      "\($0)" == "Cannot locate specified Dockerfile: Dockerfile"
    }
    #expect(try house.leftovers.isEmpty)
  }

  @Test(arguments: [("FROM scratch\nRUN fail 1", 2), ("ARG NONE\nFROM ${NONE}", 2), ("\nFROM nope", 2)])
  func `where it fails is told once, by the lines`(text: String, line: Int) async throws {
    let house = try House()
    let told = Mutex<[ClosedRange<Int>]>([])
    _ = try? await house.build(["Dockerfile": text]) {
      $0.watch = { event in
        if case .failed(let lines) = event { told.withLock { $0.append(lines) } }
      }
    }
    #expect(told.withLock { $0 } == [line...line])
  }

  @Test func `archives are unpacked by ADD and copied by COPY`() async throws {
    let house = try House()
    var inner: [UInt8] = []
    try withUnsafeMutablePointer(to: &inner) { pointer in
      var writer = TarWriter { pointer.pointee.append(contentsOf: $0) }
      try writer.add(TarEntry("dir/file", .file, mode: 0o600), Array("in".utf8))
      try writer.finish()
    }
    let text = "FROM scratch\nADD x.tar /added/\nCOPY x.tar /copied/\nADD plain /added/"
    let built = try await house.build([
      "Dockerfile": text, "x.tar": String(decoding: inner, as: UTF8.self), "plain": "p",
    ])
    #expect(try await house.read(built.id, "/added/dir/file") == "in")
    #expect(try await house.read(built.id, "/copied/x.tar").utf8.count == inner.count)
    #expect(try await house.read(built.id, "/added/plain") == "p")
  }

  @Test func `arguments, labels, heredocs and triggers`() async throws {
    let house = try House()
    _ = try await house.build([
      "Dockerfile": "FROM scratch\nONBUILD COPY a.txt /trigger\nONBUILD ENV T=1", "a.txt": "t",
    ]) { $0.tags = ["parent"] }
    let text =
      "ARG BASE=parent\nFROM ${BASE}:latest\nARG WHO=you\nENV GREETING=\"hi $WHO\"\nCOPY <<EOF /file\n$GREETING\nEOF\nRUN say $WHO"
    let built = try await house.build(["Dockerfile": text, "a.txt": "t"]) {
      $0.buildArguments = ["WHO": "me", "NOBODY": "x"]
      $0.labels = ["l": "v w"]
    }
    let config = try await house.images.base("\(built.id)").config
    #expect(
      config.config?.env?.contains("GREETING=hi me") == true && config.config?.env?.contains("T=1") == true)
    #expect(config.config?.labels == ["l": "v w"] && config.config?.onBuild == nil)
    #expect(try await house.read(built.id, "/file") == "hi me\n")
    #expect(try await house.read(built.id, "/trigger") == "t")
    #expect(built.said.contains("# Executing 2 build triggers\n"))
    #expect(built.said.contains("[Warning] One or more build-args [NOBODY] were not consumed\n"))
    #expect(house.runner.steps.withLock { $0.last?.environment.contains("WHO=me") } == true)
    #expect(
      config.history?.last { $0.createdBy?.contains("say") == true }?.createdBy
        == "|1 WHO=me /bin/sh -c say $WHO")
  }
}
