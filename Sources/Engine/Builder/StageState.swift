import TextFormats
import Dockerfile
import EngineErrors
import OCISpec
import PathPatterns

/// The image as the instructions so far have made it. Pure: files are somebody else's.
struct StageState: Sendable {
  var config: ImageConfig
  /// The topmost layer's chain.
  var top: Digest?
  /// Whether CMD was given in this stage, so that ENTRYPOINT does not reset it.
  private var commandGiven = false

  init(base: ImageConfig, top: Digest?) {
    config = base
    // What was said of the base was not said of what is built on it.
    config.comment = nil
    self.top = top
    if config.config == nil { config.config = ImageDefaults() }
    if environment["PATH"] == nil { environment["PATH"] = Self.defaultPath }
  }

  /// A configuration by itself, which gets nothing that it does not ask for.
  init(editing defaults: ImageDefaults) { config = ImageConfig(config: defaults) }

  static let defaultPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

  var defaults: ImageDefaults {
    get { config.config ?? ImageDefaults() }
    set { config.config = newValue }
  }
  var environment: EnvironmentList {
    get { EnvironmentList(defaults.env ?? []) }
    set { defaults.env = newValue.pairs }
  }
  var shell: [String] { defaults.shell ?? ["/bin/sh", "-c"] }
  var workingDirectory: String { defaults.workingDir.flatMap { $0.isEmpty ? nil : $0 } ?? "/" }

  /// The words that a command line starts a process with.
  func arguments(of line: Instruction.CommandLine) -> [String] {
    switch line.form {
    case .exec: return line.words
    case .shell:
      let text = line.words.joined(separator: " ")
      return shell + [HeredocCommand.text(text, line.heredocs)]
    }
  }

  /// Applies an instruction that changes the configuration alone, and answers its comment in the history; nil for
  /// instructions that touch files.
  mutating func apply(_ action: Instruction.Action) throws(EngineError) -> String? {
    switch action {
    case .environment(let pairs):
      for pair in pairs { environment[pair.key] = pair.value }
      return "ENV " + pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    case .label(let pairs):
      var labels = defaults.labels ?? [:]
      for pair in pairs { labels[pair.key] = pair.value }
      defaults.labels = labels
      return "LABEL " + pairs.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    case .maintainer(let name):
      config.author = name
      return "MAINTAINER \(name)"
    case .user(let user):
      defaults.user = user
      return "USER \(user)"
    case .volume(let paths):
      var volumes = defaults.volumes ?? []
      for path in paths { volumes.insert(path) }
      defaults.volumes = volumes
      return "VOLUME [" + paths.joined(separator: " ") + "]"
    case .expose(let ports): return try expose(ports)
    case .command(let line):
      defaults.cmd = arguments(of: line)
      commandGiven = true
      return "CMD " + Self.quoted(defaults.cmd ?? [])
    case .entrypoint(let line):
      let words = arguments(of: line)
      defaults.entrypoint = words.isEmpty ? nil : words
      // The base image's command made sense for its own entry point only.
      if !commandGiven { defaults.cmd = nil }
      return "ENTRYPOINT " + Self.quoted(words)
    case .shell(let words):
      defaults.shell = words
      return "SHELL [" + words.joined(separator: " ") + "]"
    case .stopSignal(let signal):
      guard StopSignal.isKnown(signal) else {
        throw EngineError(.invalidArgument, "Invalid signal: \(signal)")
      }
      defaults.stopSignal = signal
      return "STOPSIGNAL \(signal)"
    case .healthcheck(let health):
      defaults.healthcheck = ImageHealthcheck(health)
      return "HEALTHCHECK " + Self.described(health)
    case .onbuild(let trigger):
      defaults.onBuild = (defaults.onBuild ?? []) + [trigger]
      return "ONBUILD \(trigger)"
    case .argument(let arguments):
      return "ARG " + arguments.map { $0.name + ($0.value.map { "=\($0)" } ?? "") }.joined(separator: " ")
    case .run, .copy, .workdir: return nil
    }
  }

  /// WORKDIR's path, seen from the one before.
  mutating func changeDirectory(_ path: String) throws(EngineError) {
    guard !path.isEmpty else { throw EngineError(.invalidArgument, "cannot normalize nothing") }
    defaults.workingDir = SlashPath.join(workingDirectory, path)
  }

  /// Notes a step in the history; `layer` is its files' digest, nil where it has none.
  mutating func record(_ createdBy: String, at created: String, layer: (diffID: Digest, chainID: Digest)?) {
    config.created = created
    config.history =
      (config.history ?? []) + [
        ImageHistoryEntry(
          created: created, createdBy: createdBy, author: config.author, emptyLayer: layer == nil)
      ]
    if let layer {
      config.rootfs.diffIDs.append(layer.diffID)
      top = layer.chainID
    }
  }

  /// Whether an image has all the steps and layers so far, and maybe more.
  func isBeginning(of image: ImageConfig) -> Bool {
    let (own, other) = (config.history ?? [], image.history ?? [])
    return own.count <= other.count && zip(own, other).allSatisfy { $0.createdBy == $1.createdBy }
      && image.rootfs.diffIDs.starts(with: config.rootfs.diffIDs)
  }

  private mutating func expose(_ specifications: [String]) throws(EngineError) -> String {
    var exposed = defaults.exposedPorts ?? []
    for specification in specifications {
      for port in try PortSpecification.ports(specification) { exposed.insert(port) }
    }
    defaults.exposedPorts = exposed
    return "EXPOSE " + specifications.joined(separator: " ")
  }

  /// As docker's builder tells it: every setting, with the zeros.
  static func described(_ health: Instruction.Health) -> String {
    let times = [health.interval, health.timeout, health.startPeriod, health.startInterval]
    let quoted = times.map { "\"\(GoDuration.format(nanoseconds: $0))\"" }.joined(separator: " ")
    return
      "&{\(Self.quoted(health.test)) \(quoted) '\\x\(health.retries < 16 ? "0" : "")\(String(health.retries, radix: 16))'}"
  }

  static func quoted(_ words: [String]) -> String {
    "["
      + words.map { "\"\($0.replacing("\\", with: "\\\\").replacing("\"", with: "\\\""))\"" }.joined(
        separator: " ") + "]"
  }
}

extension ImageHealthcheck {
  init(_ health: Instruction.Health) {
    self.init()
    test = health.test
    interval = health.interval == 0 ? nil : health.interval
    timeout = health.timeout == 0 ? nil : health.timeout
    startPeriod = health.startPeriod == 0 ? nil : health.startPeriod
    startInterval = health.startInterval == 0 ? nil : health.startInterval
    retries = health.retries == 0 ? nil : health.retries
  }
}

/// Signals by name or number, with or without SIG.
enum StopSignal {
  private static let names: Set<String> = [
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE",
    "POLL", "PROF",
    "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "URG", "USR1",
    "USR2",
    "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
  ]

  static func isKnown(_ text: String) -> Bool {
    if let number = Int(text) { return (1...64).contains(number) }
    let name = text.uppercased()
    let bare = name.hasPrefix("SIG") ? String(name.dropFirst(3)) : name
    if names.contains(bare) { return true }
    if bare.hasPrefix("RTMIN+") { return Int(bare.dropFirst(6)).map { (1...15).contains($0) } ?? false }
    if bare.hasPrefix("RTMAX-") { return Int(bare.dropFirst(6)).map { (1...14).contains($0) } ?? false }
    return false
  }
}
