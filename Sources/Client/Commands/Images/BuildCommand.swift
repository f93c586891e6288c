import BuildContext
import Credentials
import DockerAPI
import DockerClient
import Flags
import Git
import HTTP
import ImageNames
import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// `skiff build`
enum BuildCommand {
  static let entry = CommandEntry("build", "Build an image from a Dockerfile") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] PATH | URL | -", summary: "Build an image from a Dockerfile", words: .exactly(1),
      flags: flags,
      aliases: aliases("image build", "build", "builder build"),
      examples: [
        "skiff build -t app:1 .", "skiff build -f - . < Dockerfile",
        "skiff build https://github.com/owner/repo.git#main:docker",
      ])
    return Command(syntax, run)
  }

  private static let flags: [Flag] = [
    .list(
      "add-host", "Add a custom host-to-IP mapping (\"host:ip\")", check: ContainerFlags.complaintAboutHost),
    .list("build-arg", "Set build-time variables"),
    .strings("cache-from", "Images to consider as cache sources"),
    .string("cgroup-parent", "Set the parent cgroup for the \"RUN\" instructions during build"),
    .bool("compress", "Compress the build context using gzip").hidden, CommonFlags.contentTrust,
    .int("cpu-period", "Limit the CPU CFS (Completely Fair Scheduler) period"),
    .int("cpu-quota", "Limit the CPU CFS (Completely Fair Scheduler) quota"),
    .int("cpu-shares|c", "CPU shares (relative weight)"),
    .string("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
    .string("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
    .string("file|f", "Name of the Dockerfile (default: \"PATH/Dockerfile\")"),
    .bool("force-rm", "Always remove intermediate containers"),
    .string("iidfile", "Write the image ID to the file"), .string("isolation", "").hidden,
    .list("label", "Set metadata for an image"),
    CommonFlags.bytes("memory|m", "Memory limit"),
    CommonFlags.bytesOrUnlimited(
      "memory-swap", "Swap limit equal to memory plus swap: -1 to enable unlimited swap"),
    Flag(
      "network", .one, typeName: "string", "Networking mode of the RUN instructions during build",
      standard: "default", shownDefault: "\"default\""),
    .bool("no-cache", "Do not use cache when building the image"), CommonFlags.platform,
    .string("progress", "How to show progress (auto, plain, tty, quiet)", default: "auto"),
    .bool("pull", "Always attempt to pull a newer version of the image"),
    .bool("quiet|q", "Suppress the build output and print image ID on success"),
    .bool("rm", "Remove intermediate containers after a successful build", default: true),
    .list(
      "secret", "Secret to expose to the build (format: \"id=mysecret[,src=/local/secret|,env=VARIABLE]\")"),
    .list("ssh", "SSH agent to lend to the build (format: \"default|ID=SOCKET\")"),
    .strings("security-opt", "Security options"),
    CommonFlags.bytes("shm-size", "Size of \"/dev/shm\""),
    .bool("squash", "Squash newly built layers into a single new layer").hidden,
    .list(
      "tag|t", "Name and optionally a tag in the \"name:tag\" format",
      check: CommonFlags.complaint { try ImageReference.parse($0) }),
    .string("target", "Set the target build stage to build"),
    .list(
      "ulimit", "Ulimit options (default [])", typeName: "ulimit", check: CommonFlags.complaintAboutUlimit),
    .bool("load", "Accepted for buildx's sake: images always land in the engine").hidden,
    .string("builder", "").hidden,
    .list("cache-to", "").hidden, .string("provenance", "").hidden, .string("sbom", "").hidden,
    .string("metadata-file", "").hidden,
  ]

  private static func run(_ arguments: Arguments, _ session: Session) async throws -> Int32 {
    let place = arguments.words[0]
    guard isRepository(place), GitCheckout.isPossible else {
      var request = try request(arguments, session)
      let context = try context(arguments, &request)
      return try await build(request, context, arguments, session)
    }
    return try await interruptible { try await run(repository: place, arguments, session) }
  }

  /// Clones here, as docker does: the user's keys and settings are here.
  private static func run(repository: String, _ arguments: Arguments, _ session: Session) async throws
    -> Int32
  {
    var request = try request(arguments, session)
    let file = arguments.given("file")
    let choice: BuildContext.DockerfileChoice = file == "-" ? .text(try text(of: .input)) : .path(file)
    let clone: ClonedRepository
    do {
      clone = try await ClonedRepository.fetch(
        try GitAddress(repository), buildArguments: request.buildArguments)
    } catch let error as GitError { throw CommandFailure("unable to prepare context: \(error)") }
    do {
      let context = try clone.context(dockerfile: choice)
      request.dockerfile = context.dockerfile
      let status = try await build(request, .stream(try context.pieces()), arguments, session)
      await clone.remove()
      return status
    } catch {
      await clone.remove()
      throw error
    }
  }

  private static func build(
    _ request: BuildRequest, _ context: HTTPRequestBody, _ arguments: Arguments, _ session: Session
  ) async throws -> Int32 {
    let client = try await session.engine()
    let quiet = arguments.bool("quiet") || arguments.string("progress") == "quiet"
    var id = ""
    try await client.lending(try AgentSource.all(arguments.list("ssh"))) { lent in
      var request = request
      request.agents = lent
      var kept: [String] = []
      let messages = try await send(request, context, client, quiet: quiet)
      do {
        try await show(messages, quiet: quiet, id: &id, kept: &kept)
      } catch {
        // A quiet build that fails is quiet no more.
        for text in kept { StandardStream.error.write(text) }
        throw error
      }
    }
    if quiet { StandardStream.output.line(id) }
    let file = arguments.string("iidfile")
    if !file.isEmpty { try Files.replace(file, Array(id.utf8), durable: false) }
    return 0
  }

  private static func send(
    _ request: BuildRequest, _ context: HTTPRequestBody, _ client: DockerClient, quiet: Bool
  ) async throws -> ProgressMessages {
    if quiet { return try await client.buildImage(request, context: context) }
    let meter = ContextMeter(on: .output)
    defer { meter.end() }
    return try await client.buildImage(request, context: meter.measured(context))
  }

  private static func show(
    _ messages: ProgressMessages, quiet: Bool, id: inout String, kept: inout [String]
  ) async throws {
    var display = ProgressDisplay(on: .output)
    for try await message in messages {
      if let found = message.aux?["ID"]?.string { id = found }
      if let error = message.errorDetail {
        throw CommandFailure(
          error.message, status: error.code.flatMap { $0 == 0 ? nil : Int32(clamping: $0) } ?? 1)
      }
      if let error = message.error { throw CommandFailure(error) }
      if let text = message.stream {
        if quiet {
          kept.append(text)
          // In quiet builds engines tell the image's name as their only text.
          if text.hasPrefix("sha256:"), id.isEmpty { id = String(text.prefix { !$0.isWhitespace }) }
        } else {
          StandardStream.output.write(Colour.text(text, for: .output))
        }
      } else if let status = message.status, !quiet {
        display.show(
          .init(
            id: message.id.flatMap { $0.isEmpty ? nil : $0 }, status: status,
            current: message.progressDetail?.current,
            total: message.progressDetail?.total))
      }
    }
  }

  static func request(_ arguments: Arguments, _ session: Session) throws -> BuildRequest {
    var request = BuildRequest()
    request.tags = try arguments.list("tag").map { try ImageReference.parse($0).withDefaultTag.familiar }
    request.target = arguments.string("target")
    request.noCache = arguments.bool("no-cache")
    request.pull = arguments.bool("pull")
    request.quiet = arguments.bool("quiet")
    request.removeIntermediate = arguments.bool("rm")
    request.forceRemove = arguments.bool("force-rm")
    request.networkMode = arguments.string("network")
    request.extraHosts = arguments.list("add-host")
    request.cacheFrom = arguments.list("cache-from")
    request.platform = arguments.string("platform")
    request.labels = arguments.map("label")
    request.shmSize = CommonFlags.size(arguments, "shm-size")
    request.memory = CommonFlags.size(arguments, "memory")
    request.memorySwap = CommonFlags.size(arguments, "memory-swap")
    request.cpuShares = arguments.int("cpu-shares")
    request.cpuPeriod = arguments.int("cpu-period")
    request.cpuQuota = arguments.int("cpu-quota")
    request.cpusetCpus = arguments.string("cpuset-cpus")
    request.cpusetMems = arguments.string("cpuset-mems")
    request.cgroupParent = arguments.string("cgroup-parent")
    request.securityOptions = arguments.list("security-opt")
    request.ulimits = try Ulimit.all(arguments.list("ulimit"))
    request.squash = arguments.bool("squash")
    try addArguments(arguments, session, &request)
    for text in arguments.list("secret") {
      let (id, source) = try SecretSource.parse(text)
      request.secrets.values[id] = try source.read(id: id, limit: BuildSecrets.mostBytes)
    }
    let known = CredentialStore(session.config()).all()
    if !known.isEmpty { request.registryConfig = Base64.encode(JSON.encode(known), urlSafe: true) }
    return request
  }

  /// `NAME=value`; a name alone takes its value from here, and stays unset where it has none.
  private static func addArguments(_ arguments: Arguments, _ session: Session, _ request: inout BuildRequest)
    throws
  {
    for proxy in session.config().proxies(for: try session.host().description) {
      request.buildArguments[proxy.name] = .some(proxy.value)
    }
    for word in arguments.list("build-arg") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      request.buildArguments.updateValue(
        parts.count > 1 ? parts[1] : Environment.value(parts[0]), forKey: parts[0])
    }
  }

  /// What to send: a directory, standard input as Dockerfile or as archive, or nothing where the engine fetches it.
  static func context(_ arguments: Arguments, _ request: inout BuildRequest) throws -> HTTPRequestBody {
    let place = arguments.words[0]
    let file = arguments.given("file")
    if isRepository(place) || isWeb(place) {
      guard file != "-" else {
        throw CommandFailure(
          "unable to prepare context: the Dockerfile cannot come from stdin when the context is a URL")
      }
      request.remote = place
      request.dockerfile = file ?? ""
      return .none
    }
    if place == "-" {
      guard file != "-" else {
        throw CommandFailure("invalid argument: can't use stdin for both build context and dockerfile")
      }
      return try standardInput(&request, file)
    }
    let choice: BuildContext.DockerfileChoice =
      file == "-" ? .text(try text(of: .input)) : .path(file)
    let context: BuildContext
    do { context = try BuildContext(directory: place, dockerfile: choice) } catch {
      guard case .noDockerfile(let name, let reason) = error else { throw error }
      let path = HostPath.absolute(file == nil ? "\(place)/\(name)" : name)
      throw CommandFailure(
        "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat \(path): \(reason)")
    }
    request.dockerfile = context.dockerfile
    return .stream(try context.pieces())
  }

  /// What is there on the disk is no URL, whatever its name.
  private static func isRepository(_ place: String) -> Bool {
    !Files.exist(place) && GitAddress.isMeant(by: place)
  }

  private static func isWeb(_ place: String) -> Bool {
    !Files.exist(place) && (place.hasPrefix("http://") || place.hasPrefix("https://"))
  }

  private static func text(of stream: StandardStream) throws -> String {
    String(decoding: try FileDescriptor(owning: stream.duplicate().release()).readToEnd(), as: UTF8.self)
  }

  /// An archive is sent as it is; anything else is a Dockerfile with no context around it.
  private static func standardInput(_ request: inout BuildRequest, _ file: String?) throws -> HTTPRequestBody
  {
    let input = FileDescriptor(owning: try StandardStream.input.duplicate().release())
    var start: [UInt8] = []
    while start.count < 512 {
      let bytes = try input.read(upTo: 512 - start.count)
      if bytes.isEmpty { break }
      start += bytes
    }
    if ArchiveStart.isArchive(start) {
      request.dockerfile = file ?? ""
      let rest = AsyncDescriptor(shared: input)
      let first = ArchiveStart.Once(start)
      return .stream {
        if let start = first.take() { return start }
        let bytes = try await rest.read(upTo: 1 << 18)
        return bytes.isEmpty ? nil : bytes
      }
    }
    let text = String(decoding: start + (try input.readToEnd()), as: UTF8.self)
    request.dockerfile = "Dockerfile"
    return .bytes(ArchiveStart.archive(of: text))
  }
}
