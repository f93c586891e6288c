import DockerAPI
import Dockerfile
import EngineErrors
import Hashing
import ImageNames
import JSON
import Linux
import OCISpec
import PathPatterns
import Reactor
import Snapshots
import TextFormats

/// One build from its first step to its image.
final class BuildRun {
  let builder: Builder
  let options: BuildOptions
  /// Removed when the build is over; on the file system of the layers.
  let workspace: String
  let context: ContextDirectory
  let output: BuildOutput
  let plan: StagePlan
  let file: Dockerfile
  let expansion: ShellExpansion
  let names: [ImageReference]
  let telling: StepTelling
  var arguments: BuildArguments
  private var cacheSources: [ImageConfig] = []
  private var finished: [Int: StageState] = [:]
  private var stepNumber = 0
  private var total = 0
  private var countedLayers = 0
  /// Contexts besides the one, as far as they were needed.
  var namedDirectories: [String: ContextDirectory] = [:]

  init(
    builder: Builder, options: BuildOptions, workspace: String, context: ContextDirectory, output: BuildOutput
  ) throws {
    self.builder = builder
    self.options = options
    self.workspace = workspace
    self.output = output
    telling = StepTelling(options.watch)
    names = try options.tags.map { tag in
      try failing(.invalidArgument, "invalid tag \"\(tag)\"") { try ImageReference.parse(tag).withDefaultTag }
    }
    let (text, rest) = try DockerfileSource.read(options, context)
    self.context = rest
    do { file = try Dockerfile(text) } catch {
      throw EngineError(.invalidArgument, error.description, cause: error)
    }
    plan = try StagePlan(file, target: options.target) { options.context($0) != nil }
    expansion = ShellExpansion(escape: file.escape)
    arguments = BuildArguments(
      given: options.buildArguments, platform: PlatformArguments.values(target: options.target))
  }

  func image() async throws -> Digest {
    for warning in file.warnings {
      await output.stream("[Warning] line \(warning.line): \(warning.message)\n")
      await telling.warned("\(warning.message) (line \(warning.line))")
    }
    for name in options.cacheFrom {
      // One that is not here has no steps to offer.
      if let image = try? await builder.images.base(name) { cacheSources.append(image.config) }
    }
    let globals = file.globalArguments
    for instruction in globals {
      guard
        case .argument(let declared) = try expanded(
          instruction, with: { [arguments] in arguments.global[$0] })
      else { continue }
      for argument in declared { arguments.declareGlobal(argument) }
    }
    let stages = plan.needed { (try? self.baseName($0)) ?? $0.base }
    total = globals.count + stages.reduce(0) { $0 + 1 + plan.stages[$1].instructions.count }
    if !options.labels.isEmpty { total += 1 }
    for instruction in globals { await announce(instruction.text) }
    for index in stages { _ = try await stage(index) }
    guard let result = finished[plan.target] else {
      throw EngineError(.internal, "the target stage was not built")
    }
    if result.config.rootfs.diffIDs.isEmpty && result.config.history?.isEmpty != false {
      throw EngineError(.invalidArgument, "No image was generated. Is your Dockerfile empty?")
    }
    let id = try await builder.images.keep(result.config, top: result.top, names: names.map(\.familiar))
    if !arguments.unused.isEmpty {
      await output.stream(
        "[Warning] One or more build-args [\(arguments.unused.joined(separator: " "))] were not consumed\n")
    }
    await output.finished(id, names: names.map(\.familiar))
    return id
  }

  var stepText: String { "Step \(stepNumber)/\(total)" }

  private func announce(_ text: String) async {
    stepNumber += 1
    await output.step(stepNumber, of: total, text)
  }

  /// The stage's result, built now unless it was before.
  func stage(_ index: Int) async throws -> StageState {
    if let done = finished[index] { return done }
    let stage = plan.stages[index]
    await announce(stage.text)
    let base = try await located(stage.lines) { try self.base(of: stage, index) }
    var steps = StepNames(stage, index: index, of: plan.stages.count, standsOnImage: base.image != nil)
    var state = try await located(stage.lines) {
      guard let image = base.image else { return try await begin(stage, on: base) }
      return try await telling.step(steps.next("FROM \(StepNames.full(image))")) {
        try await begin(stage, on: base)
      }
    }
    let triggers = state.defaults.onBuild ?? []
    state.defaults.onBuild = nil
    if !triggers.isEmpty {
      await output.stream("# Executing \(triggers.count) build trigger\(triggers.count > 1 ? "s" : "")\n")
      for trigger in triggers {
        for instruction in try Self.parse(trigger) { try await perform(instruction, in: index, on: &state) }
      }
    }
    for instruction in stage.instructions {
      try Task.checkCancellation()
      await announce(instruction.text)
      try await located(instruction.lines) {
        guard StepNames.isStep(instruction) else {
          return try await perform(instruction, in: index, on: &state)
        }
        try await telling.step(steps.next(instruction.text)) {
          try await perform(instruction, in: index, on: &state)
        }
      }
      await output.arrow(try Self.id(of: state).short)
    }
    if index == plan.target, !options.labels.isEmpty { try await addLabels(to: &state, in: index) }
    finished[index] = state
    return state
  }

  /// Where the body fails it was these lines of the Dockerfile.
  private func located<Value>(_ lines: ClosedRange<Int>, _ body: () async throws -> Value) async throws
    -> Value
  {
    do { return try await body() } catch {
      await telling.failed(at: lines)
      throw error
    }
  }

  private static func parse(_ trigger: String) throws -> [Instruction] {
    do { return try Dockerfile.instructions(trigger) } catch {
      throw EngineError(.invalidArgument, "ONBUILD trigger \"\(trigger)\": \(error.message)", cause: error)
    }
  }

  /// `--label` is one more instruction at the end.
  private func addLabels(to state: inout StageState, in index: Int) async throws {
    let pairs = options.labels.sorted { $0.key < $1.key }.map {
      Instruction.Pair(key: $0.key, value: $0.value)
    }
    let text = "LABEL " + pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    await announce(text)
    try await configure(.label(pairs), on: &state)
    await builder.cache.leave(workspace)
    await output.arrow(try Self.id(of: state).short)
  }

  // MARK: FROM

  func baseName(_ stage: Stage) throws -> String {
    let name = try expanded(stage.base, line: stage.lines.lowerBound)
    guard !name.isEmpty else {
      throw EngineError(.invalidArgument, "base name (\(stage.base)) should not be blank")
    }
    return name
  }

  /// What a stage stands on.
  private enum Base {
    case stage(Int)
    case image(String)
    case nothing

    var image: String? { if case .image(let name) = self { name } else { nil } }
  }

  private func base(of stage: Stage, _ index: Int) throws -> Base {
    let name = try baseName(stage)
    if let below = plan.named(name, before: index) { return .stage(below) }
    return name == "scratch" ? .nothing : .image(name)
  }

  private func begin(_ stage: Stage, on base: Base) async throws -> StageState {
    arguments.beginStage()
    switch base {
    case .stage(let below):
      let base = try await self.stage(below)
      await output.arrow(try Self.id(of: base).short)
      arguments.beginStage()
      return StageState(base: base.config, top: base.top)
    case .nothing:
      await output.arrow("")
      return StageState(base: ImageConfig(), top: nil)
    case .image(let name): return try await begin(stage, on: name)
    }
  }

  private func begin(_ stage: Stage, on name: String) async throws -> StageState {
    let platform =
      try stage.platform.map { try expanded($0, line: stage.lines.lowerBound) } ?? options.platform
    let base = try await image(name, platform: platform)
    await builder.hold(base.top, for: workspace)
    await output.arrow(base.id.short)
    return StageState(base: base.config, top: base.top)
  }

  /// An image from here, or from its registry where it is not here or `--pull` asks for the newest.
  func image(_ name: String, platform: String) async throws -> BaseImage {
    let name = try imageName(name)
    if !options.pull {
      do { return try await builder.images.base(name) } catch let error as EngineError
        where error.kind == .notFound
      {}
    }
    let (output, telling) = (output, telling)
    let (messages, continuation) = AsyncStream.makeStream(of: ProgressMessage.self)
    let forwarding = Task {
      for await message in messages {
        await output.forward(message)
        await telling.fetched(message)
      }
    }
    defer { continuation.finish() }
    do {
      let auth = try await credentials(for: name)
      let base = try await builder.images.fetch(name, platform: platform, auth: auth) {
        continuation.yield($0)
      }
      continuation.finish()
      await forwarding.value
      return base
    } catch {
      // The registry may be out of reach while the image is here.
      if options.pull, let base = try? await builder.images.base(name) { return base }
      throw error
    }
  }

  private func credentials(for name: String) async throws -> RegistryAuth? {
    guard let ask = options.credentials else { return nil }
    let reference = try failing(.invalidArgument, "invalid reference \(name)") {
      try ImageReference.parse(name)
    }
    return try await ask(reference.domain)
  }

  // MARK: instructions

  private func perform(_ instruction: Instruction, in index: Int, on state: inout StageState) async throws {
    try await act(on: instruction, in: index, on: &state)
    await builder.cache.leave(workspace)
  }

  private func act(on instruction: Instruction, in index: Int, on state: inout StageState) async throws {
    let action = try expanded(instruction, with: lookup(in: state))
    switch action {
    case .run(let run): try await self.run(run, instruction, in: index, on: &state)
    case .copy(let copy): try await self.copy(copy, in: index, on: &state)
    case .workdir(let path): try await changeDirectory(path, on: &state)
    case .argument(let declared):
      for argument in declared { arguments.declare(argument) }
      try await configure(action, on: &state)
    default: try await configure(action, on: &state)
    }
  }

  /// A step that changes the configuration alone.
  private func configure(_ action: Instruction.Action, on state: inout StageState) async throws {
    let parent = try Self.id(of: state)
    guard let comment = try state.apply(action) else { return }
    let identity = [comment, String(decoding: JSON.encode(state.defaults), as: UTF8.self)]
    let key = BuildCache.key(parent: parent, ["configure"] + identity)
    let createdBy = "\(state.shell.joined(separator: " ")) #(nop)  \(comment)"
    if try await cached(key, createdBy: createdBy, on: &state) { return }
    let created = Self.now()
    state.record(createdBy, at: created, layer: nil)
    try await builder.cache.keep(.init(created: created, chainID: nil, diffID: nil), as: key)
  }

  /// Takes the step's result from the cache; false where it must be done.
  func cached(_ key: String, createdBy: String, on state: inout StageState) async throws -> Bool {
    guard !options.noCache, let step = try await builder.cache.step(key, for: workspace) else { return false }
    var layer: (diffID: Digest, chainID: Digest)?
    if let chainID = step.chainID, let diffID = step.diffID {
      // Nobody removes it from here on; it may have gone with the last image that held it.
      await builder.hold(chainID, for: workspace)
      guard await builder.snapshots.layer(chainID: chainID) != nil else { return false }
      layer = (diffID, chainID)
    }
    var next = state
    next.record(createdBy, at: step.created, layer: layer)
    guard options.cacheFrom.isEmpty || cacheSources.contains(where: next.isBeginning) else { return false }
    await output.stream(" ---> Using cache\n")
    telling.isCached()
    state = next
    return true
  }

  /// Notes a step that was done, for the history and for the next build.
  func finish(_ key: String, createdBy: String, layer: Layer?, on state: inout StageState) async throws {
    await builder.hold(layer?.chainID, for: workspace)
    let created = Self.now()
    state.record(createdBy, at: created, layer: layer.map { ($0.diffID, $0.chainID) })
    try await builder.cache.keep(
      .init(created: created, chainID: layer?.chainID, diffID: layer?.diffID), as: key)
  }

  // MARK: words

  /// Variables of an instruction: the image's environment, then the stage's arguments.
  private func lookup(in state: StageState) -> ShellExpansion.Lookup {
    let (environment, arguments) = (state.environment, arguments)
    return { environment[$0] ?? arguments.value($0) }
  }

  private func expanded(_ instruction: Instruction, with lookup: ShellExpansion.Lookup) throws
    -> Instruction.Action
  {
    do { return try instruction.action.expanded(expansion, lookup) } catch {
      throw EngineError(
        .invalidArgument, "line \(instruction.lines.lowerBound): \(error.description)", cause: error)
    }
  }

  private func expanded(_ text: String, line: Int) throws -> String {
    do { return try expansion.word(text) { [arguments] in arguments.global[$0] } } catch {
      throw EngineError(.invalidArgument, "line \(line): \(error.description)", cause: error)
    }
  }

  static func now() -> String { Timestamp(nanoseconds: Clock.realtime).rfc3339 }

  /// The id of the image that the state is.
  static func id(of state: StageState) throws -> Digest {
    Digest(sha256: SHA256.hash(JSON.encode(state.config)))
  }

  /// A fresh directory for a layer's files.
  func layerDirectory() async throws -> String {
    countedLayers += 1
    let path = "\(workspace)/layer-\(countedLayers)"
    try await blocking { () throws(EngineError) in
      try failing(.internal, "make a layer") { try Files.makeDirectory(path, mode: 0o755) }
    }
    return path
  }
}
