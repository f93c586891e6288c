import BuildContext
import ComposeModel
import DockerAPI
import DockerClient
import Git
import HTTP
import ImageNames
import JSON
import Linux
import PathPatterns
import Reactor
import TerminalUI

/// Sees to it that the images of services are there: builds and pulls.
struct ImageSupply: Sendable {
  let invocation: Invocation
  let client: DockerClient
  let project: Project
  /// Somebody else hears SIGINT and its like, and cancels what runs here.
  var signalsAreHeard = false

  struct BuildOptions: Sendable {
    var noCache = false
    var pull = false
    var quiet = false
    /// Gets what the steps say, line by line; nil for standard output.
    var tell: (@Sendable (String) -> Void)?
    var arguments: [String: String?] = [:]
    var memory: Int64 = 0
    /// Sockets of ssh agents by their id, besides those of the files.
    var agents: [String: String] = [:]
  }

  enum BuildChoice: Sendable { case whenMissing, always, never }

  func name(of service: Service) -> String {
    service.imageName(in: project.name, separator: invocation.separator)
  }

  /// Builds and pulls what is missing; the ids of all images by name.
  func ensure(
    build choice: BuildChoice = .whenMissing, pull policy: String? = nil, quietPull: Bool = false,
    options: BuildOptions = BuildOptions()
  ) async throws -> [String: String] {
    let services = project.services.values.filter { $0["provider"] == nil }.sorted { $0.name < $1.name }
    let mounted = VolumeImages(services)
    var ids = try await Observer(client: client).imageIDs(services.map(name) + mounted.names)
    var pulls: [String: Service] = [:]
    var builds: [Service] = []
    for service in services {
      let own = policy ?? service.text("pull_policy") ?? ""
      let missing = ids[name(of: service)] == nil
      let wantsBuild = choice == .always || own == "build" || missing
      if service.build != nil, choice != .never, wantsBuild, !(own == "always" && choice != .always) {
        builds.append(service)
      } else if own == "never", missing {
        throw ComposeFailure("No such image: \(name(of: service))")
      } else if own == "always" || (missing && own != "never") {
        pulls[name(of: service)] = service
      }
    }
    let built = Set(builds.map(name))
    let missing = mounted.missing { ids[$0] != nil || built.contains($0) || pulls[$0] != nil }
    let wanted = pulls.values.sorted { $0.name < $1.name }.map { pulled($0, mayFail: $0.build != nil) }
    let failed = try await pull(
      wanted + missing.map { Pulled(title: $0.title, image: $0.image) }, quiet: quietPull)
    if choice != .never { builds += pulls.values.filter { failed.contains($0.name) } }
    try await build(builds, options)
    if !pulls.isEmpty || !builds.isEmpty {
      ids = try await Observer(client: client).imageIDs(services.map(name))
    }
    return ids
  }

  // MARK: Pulling

  /// An image to be pulled.
  struct Pulled: Sendable {
    /// What it is called in what is told.
    var title: String
    var image: String
    var platform = ""
    /// A failure is told, and no error.
    var mayFail = false
  }

  func pulled(_ service: Service, mayFail: Bool) -> Pulled {
    Pulled(
      title: service.name, image: name(of: service), platform: service.text("platform") ?? "",
      mayFail: mayFail)
  }

  /// Pulls images at the same time; the titles of those that may fail and did.
  @discardableResult
  func pull(_ wanted: [Pulled], quiet: Bool = false) async throws -> Set<String> {
    let board = ProgressBoard(invocation, title: "Pulling")
    let failed = try await mapAtOnce(wanted, limit: invocation.parallel) { image in
      try await pull(image, quiet: quiet, board) ? nil : image.title
    }
    return Set(failed.compactMap(\.self))
  }

  /// False where it failed and may.
  private func pull(_ wanted: Pulled, quiet: Bool, _ board: ProgressBoard) async throws -> Bool {
    if !quiet { await board.tell(.init(wanted.title, text: "Pulling", .working)) }
    do {
      try await fetch(wanted, quiet ? nil : board)
    } catch {
      guard wanted.mayFail, !Task.isCancelled else {
        await tell(board, wanted.title, error)
        throw error
      }
      await board.warning(wanted.title, "Warning pull access denied for \(wanted.image)")
      return false
    }
    if !quiet { await board.tell(.init(wanted.title, text: "Pulled", .done)) }
    return true
  }

  /// What failed, in words; or was cut short, by the failure of another or by the user.
  private func tell(_ board: ProgressBoard, _ title: String, _ error: any Error) async {
    if Task.isCancelled { return await board.warning(title, "Interrupted") }
    let words = (error as? APIError)?.message ?? ComposeCommand.words(of: error)
    await board.tell(.init(title, text: "Error", status: words, .failed))
  }

  private func fetch(_ wanted: Pulled, _ board: ProgressBoard?) async throws {
    let reference = try ImageReference.parse(wanted.image).withDefaultTag
    let authentication = await invocation.authentication(reference.domain)
    for try await message in try await client.pullImage(
      reference.description, platform: wanted.platform, auth: authentication)
    {
      if let error = message.errorDetail?.message ?? message.error { throw ComposeFailure(error) }
      if let board, let event = ProgressEvent(message, of: wanted.title) { await board.tell(event) }
    }
  }

  func push(_ service: Service, quiet: Bool, _ board: ProgressBoard) async throws {
    if !quiet { await board.tell(.init(service.name, text: "Pushing", .working)) }
    do {
      try await push(name(of: service))
    } catch {
      await tell(board, service.name, error)
      throw error
    }
    if !quiet { await board.tell(.init(service.name, text: "Pushed", .done)) }
  }

  private func push(_ image: String) async throws {
    let reference = try ImageReference.parse(image).withDefaultTag
    let authentication = await invocation.authentication(reference.domain)
    let messages = try await client.pushImage(
      reference.familiarName, tag: reference.tag ?? "", auth: authentication)
    for try await message in messages {
      if let error = message.errorDetail?.message ?? message.error { throw ComposeFailure(error) }
    }
  }

  // MARK: Building

  /// Builds the images of services, each image once, several at the same time.
  func build(_ services: [Service], _ options: BuildOptions) async throws {
    var byImage: [String: Service] = [:]
    for service in services where service.build != nil && byImage[name(of: service)] == nil {
      byImage[name(of: service)] = service
    }
    guard !byImage.isEmpty else { return }
    let unique = byImage.values.sorted { $0.name < $1.name }
    // A clone must not be left behind.
    guard !signalsAreHeard, unique.contains(where: { $0.repository != nil }) else {
      return try await build(each: unique, options)
    }
    try await interruptible { try await build(each: unique, options) }
  }

  private func build(each unique: [Service], _ options: BuildOptions) async throws {
    // What the steps say comes in between.
    let board = ProgressBoard(invocation, title: "Building", amid: options.quiet ? .nothing : .logs)
    let graph = Dictionary(unique.map { ($0.name, contexts(of: $0)) }) { first, _ in first }
    try await runInOrder(graph, limit: invocation.parallel) { name in
      guard let service = unique.first(where: { $0.name == name }) else { return }
      try await board.during(name, "Building", "Built") {
        try await build(service, options, prefix: unique.count > 1 ? "\(name)  | " : "")
      }
    }
  }

  /// The services whose images this build starts from.
  private func contexts(of service: Service) -> Set<String> {
    let contexts = service.build?["additional_contexts"]?.object ?? [:]
    return Set(
      contexts.compactMap { entry in
        entry.value.string.flatMap { $0.hasPrefix("service:") ? String($0.dropFirst(8)) : nil }
      })
  }

  private func build(_ service: Service, _ options: BuildOptions, prefix: String) async throws {
    guard let build = service.build else { return }
    var request = try request(service, build, options)
    guard let repository = service.repository, GitCheckout.isPossible else {
      let body = try context(service, build, &request)
      return try await send(request, body, service, options, prefix: prefix)
    }
    let clone = try await ClonedRepository.fetch(
      try GitAddress(repository), buildArguments: request.buildArguments)
    do {
      let context = try clone.context(dockerfile: Self.dockerfile(build))
      request.dockerfile = context.dockerfile
      try await send(request, .stream(try context.pieces()), service, options, prefix: prefix)
    } catch {
      await clone.remove()
      throw error
    }
    await clone.remove()
  }

  private func send(
    _ request: BuildRequest, _ body: HTTPRequestBody, _ service: Service, _ options: BuildOptions,
    prefix: String
  ) async throws {
    try await client.lending(try agents(service, options)) { lent in
      var request = request
      request.agents = lent
      let messages = try await client.buildImage(request, context: body)
      try await show(messages, of: service, options, prefix: prefix)
    }
  }

  private func show(
    _ messages: ProgressMessages, of service: Service, _ options: BuildOptions, prefix: String
  ) async throws {
    var kept: [String] = []
    let silent = options.quiet || (options.tell == nil && invocation.progress == "quiet")
    for try await message in messages {
      if let text = message.stream {
        if silent { kept.append(text) } else { Self.show(text, prefix, options.tell) }
      }
      if let error = message.errorDetail?.message ?? message.error {
        for text in kept { StandardStream.error.write(text) }
        throw ComposeFailure("target \(service.name): failed to solve: \(error)")
      }
    }
  }

  private static func show(_ words: String, _ prefix: String, _ tell: (@Sendable (String) -> Void)?) {
    let text = Colour.text(words, for: .output)
    guard tell != nil || !prefix.isEmpty else { return StandardStream.output.write(text) }
    for line in text.split(separator: "\n" as Character) where !line.allSatisfy(\.isWhitespace) {
      if let tell { tell(prefix + line) } else { StandardStream.output.line(prefix + line) }
    }
  }

  private func request(
    _ service: Service, _ build: JSONObject, _ options: BuildOptions
  ) throws -> BuildRequest {
    let unsupported = ["privileged", "entitlements"].filter { build[$0] != nil }
    if let first = unsupported.first {
      throw ComposeFailure(
        "service \"\(service.name)\": build.\(first) needs BuildKit, which this builder does not speak")
    }
    var request = BuildRequest()
    request.tags = [name(of: service)] + (build["tags"]?.array?.compactMap(\.string) ?? [])
    for (key, value) in build["args"]?.object ?? [:] {
      request.buildArguments.updateValue(value.string, forKey: key)
    }
    for (key, value) in options.arguments { request.buildArguments.updateValue(value, forKey: key) }
    for (key, value) in build["labels"]?.object ?? [:] { request.labels[key] = value.string ?? "" }
    request.labels[Label.project] = project.name
    request.labels[Label.service] = service.name
    request.labels[Label.version] = VersionCommand.version
    request.target = build["target"]?.string ?? ""
    request.noCache = options.noCache || build["no_cache"]?.bool == true
    request.pull = options.pull || build["pull"]?.bool == true
    request.networkMode = build["network"]?.string ?? ""
    request.platform = service.text("platform") ?? build["platforms"]?.array?.first?.string ?? ""
    request.shmSize = build["shm_size"]?.integer ?? 0
    request.cacheFrom = build["cache_from"]?.array?.compactMap(\.string) ?? []
    request.extraHosts = (build["extra_hosts"]?.object ?? [:]).flatMap { entry in
      (entry.value.array ?? []).map { "\(entry.key):\($0.string ?? "")" }
    }
    request.memory = options.memory
    request.secrets = try secrets(service, build)
    return request
  }

  /// The sockets of the ssh agents that the build may use.
  private func agents(_ service: Service, _ options: BuildOptions) throws -> [String: String] {
    var agents = options.agents
    for key in service.build?["ssh"]?.array ?? [] {
      let name = key["id"]?.string ?? ""
      guard agents[name] == nil else { continue }
      let (id, socket) = try AgentSource.source(name, key["path"]?.string ?? "") { project.environment[$0] }
      agents[id] = socket
    }
    return agents
  }

  /// The secrets under the names that the Dockerfile knows them by.
  private func secrets(_ service: Service, _ build: JSONObject) throws -> BuildSecrets {
    var secrets = BuildSecrets()
    for use in build["secrets"]?.array ?? [] {
      let name = use["source"]?.string ?? ""
      let id = use["target"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? name
      let source: SecretSource
      if let variable = project.secrets[name]?["environment"]?.string {
        source = .variable(variable)
      } else if let file = project.secrets[name]?["file"]?.string {
        source = .file(SlashPath.join(project.workingDirectory, file))
      } else {
        throw ComposeFailure(
          "service \"\(service.name)\": build secret \"\(name)\" is external: only files and environment variables can be given to a build"
        )
      }
      secrets.values[id] = try source.read(id: id, limit: BuildSecrets.mostBytes) { project.environment[$0] }
    }
    return secrets
  }

  private func context(
    _ service: Service, _ build: JSONObject, _ request: inout BuildRequest
  ) throws -> HTTPRequestBody {
    let place = build["context"]?.string ?? "."
    let file = build["dockerfile"]?.string
    if place.hasPrefix("http://") || place.hasPrefix("https://") || service.repository != nil {
      guard build["dockerfile_inline"] == nil else {
        throw ComposeFailure(
          "service \"\(service.name)\": build.dockerfile_inline needs a context that is on this machine")
      }
      request.remote = place
      request.dockerfile = file ?? ""
      return .none
    }
    let directory = SlashPath.join(project.workingDirectory, place)
    let choice: BuildContext.DockerfileChoice
    if case .path(let file) = Self.dockerfile(build) {
      choice = .path(SlashPath.join(directory, file ?? "Dockerfile"))
    } else {
      choice = Self.dockerfile(build)
    }
    let context = try BuildContext(directory: directory, dockerfile: choice)
    request.dockerfile = context.dockerfile
    return .stream(try context.pieces())
  }

  /// As the file says it: a path in the context, or the text.
  private static func dockerfile(_ build: JSONObject) -> BuildContext.DockerfileChoice {
    if let text = build["dockerfile_inline"]?.string { return .text(text) }
    return .path(build["dockerfile"]?.string)
  }
}

extension Service {
  /// The address of the repository that it is built from; nil for any other context.
  fileprivate var repository: String? {
    guard let place = build?["context"]?.string, GitAddress.isMeant(by: place) else { return nil }
    return place
  }
}
