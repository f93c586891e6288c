import DockerAPI
import Flags
import JSON
import Linux
import TextFormats

/// The flags of `run` and `create` as the request that Docker's client would send.
struct ContainerRequest {
  let arguments: Arguments
  var request = ContainerCreateRequest()

  /// `isDetached`: nobody will be attached. Throws what is wrong with the flags.
  static func make(_ arguments: Arguments, isDetached: Bool) throws -> ContainerCreateRequest {
    var made = ContainerRequest(arguments: arguments)
    try made.fillConfig(isDetached: isDetached)
    try made.fillHost()
    try made.fillNamespaces()
    try made.fillLimits()
    try made.fillStorage()
    try made.fillPorts()
    try made.fillHealth()
    made.request.networkingConfig = try NetworkFlags.make(arguments, &made.request)
    try made.check()
    return made.request
  }

  private mutating func fillConfig(isDetached: Bool) throws {
    let words = arguments.words
    let attach = Set(arguments.list("attach").map { $0.lowercased() })
    let interactive = arguments.bool("interactive")
    request.config.image = words[0]
    request.config.cmd = words.count > 1 ? StringList(Array(words.dropFirst())) : nil
    if let entrypoint = arguments.given("entrypoint") { request.config.entrypoint = StringList([entrypoint]) }
    request.config.hostname = arguments.string("hostname")
    request.config.domainname = arguments.string("domainname")
    request.config.user = arguments.string("user")
    request.config.workingDir = arguments.string("workdir")
    request.config.tty = arguments.bool("tty")
    request.config.openStdin = interactive
    if !isDetached {
      request.config.attachStdin = attach.isEmpty ? interactive : attach.contains("stdin")
      request.config.attachStdout = attach.isEmpty || attach.contains("stdout")
      request.config.attachStderr = attach.isEmpty || attach.contains("stderr")
      request.config.stdinOnce = interactive && request.config.attachStdin
    }
    request.config.env = try VariableFiles.read(
      files: arguments.list("env-file"), words: arguments.list("env"))
    request.config.labels = try VariableFiles.labels(
      files: arguments.list("label-file"), words: arguments.list("label"))
    request.config.stopSignal = arguments.given("stop-signal")
    request.config.stopTimeout = arguments.isSet("stop-timeout") ? arguments.int("stop-timeout") : nil
  }

  private mutating func fillHost() throws {
    request.hostConfig.containerIDFile = arguments.string("cidfile")
    request.hostConfig.autoRemove = arguments.bool("rm")
    request.hostConfig.privileged = arguments.bool("privileged")
    request.hostConfig.readonlyRootfs = arguments.bool("read-only")
    request.hostConfig.publishAllPorts = arguments.bool("publish-all")
    request.hostConfig.runtime = arguments.given("runtime")
    request.hostConfig.isolation = arguments.string("isolation")
    request.hostConfig.restartPolicy = try Self.restartPolicy(arguments.string("restart"))
    request.hostConfig.logConfig.type = arguments.string("log-driver")
    request.hostConfig.logConfig.config = arguments.map("log-opt")
    if arguments.string("log-driver") == "none", arguments.isSet("log-opt") {
      throw CommandFailure("invalid logging opts for driver none")
    }
    request.hostConfig.annotations = arguments.isSet("annotation") ? arguments.map("annotation") : nil
    if arguments.isSet("init") { request.hostConfig.initProcess = arguments.bool("init") }
    request.hostConfig.capAdd = present("cap-add").map(Self.capabilities)
    request.hostConfig.capDrop = present("cap-drop").map(Self.capabilities)
    request.hostConfig.groupAdd = present("group-add")
    request.hostConfig.extraHosts = present("add-host")?.map(Self.colonized)
    request.hostConfig.dns = arguments.list("dns")
    request.hostConfig.dnsOptions = arguments.list("dns-opt") + arguments.list("dns-option")
    request.hostConfig.dnsSearch = arguments.list("dns-search")
    request.hostConfig.links = present("link")
    request.hostConfig.sysctls = arguments.isSet("sysctl") ? arguments.map("sysctl") : nil
    guard arguments.list("storage-opt").allSatisfy({ $0.contains("=") }) else {
      throw CommandFailure("invalid storage option")
    }
    request.hostConfig.storageOpt = arguments.isSet("storage-opt") ? arguments.map("storage-opt") : nil
    try fillSecurity()
  }

  /// `host=address` is written `host:address` on the wire.
  private static func colonized(_ word: String) -> String {
    guard let sign = word.firstIndex(where: { $0 == "=" || $0 == ":" }) else { return word }
    return word[..<sign] + ":" + word[word.index(after: sign)...]
  }

  /// `net_admin` as `CAP_NET_ADMIN`, each once, in order.
  private static func capabilities(_ words: [String]) -> [String] {
    Set(words.map { $0.uppercased() }.map { $0 == "ALL" || $0.hasPrefix("CAP_") ? $0 : "CAP_\($0)" }).sorted()
  }

  private func present(_ name: String) -> [String]? { arguments.isSet(name) ? arguments.list(name) : nil }

  /// `no`, `always`, `unless-stopped`, `on-failure[:count]`; the engine knows which names there are.
  static func restartPolicy(_ text: String) throws -> RestartPolicy {
    var policy = RestartPolicy()
    if text.isEmpty { return policy }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count <= 2 else { throw CommandFailure("invalid restart policy format: too many colons") }
    guard !parts[0].isEmpty else {
      throw CommandFailure("invalid restart policy format: no policy provided before colon")
    }
    policy.name = String(parts[0])
    if parts.count == 2 {
      guard let count = Int(parts[1]) else {
        throw CommandFailure("invalid restart policy format: maximum retry count must be an integer")
      }
      policy.maximumRetryCount = count
    }
    return policy
  }

  private mutating func fillSecurity() throws {
    var options: [String] = []
    for word in arguments.list("security-opt") {
      let parts = word.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "=" || $0 == ":" }
      switch (parts[0], parts.count > 1 ? parts[1] : "") {
      case ("systempaths", "unconfined"):
        request.hostConfig.maskedPaths = []
        request.hostConfig.readonlyPaths = []
      case ("seccomp", let profile) where !profile.isEmpty && profile != "unconfined" && profile != "builtin":
        options.append("seccomp=\(try Self.profile(String(profile)))")
      case (_, "") where parts.count < 2 && parts[0] != "no-new-privileges":
        throw CommandFailure("Invalid --security-opt: \"\(word)\"")
      default: options.append(word)
      }
    }
    request.hostConfig.securityOpt = arguments.isSet("security-opt") ? options : nil
  }

  /// The text of a seccomp profile: the engine must not need the file.
  private static func profile(_ path: String) throws -> String {
    let bytes: [UInt8]
    do { bytes = try Files.read(path) } catch {
      throw CommandFailure("opening seccomp profile (\(path)) failed: \(message(of: error))")
    }
    do { return String(decoding: JSON.encode(try JSON.parse(bytes)), as: UTF8.self) } catch {
      throw CommandFailure("compacting json for seccomp profile (\(path)) failed: \(message(of: error))")
    }
  }

  private mutating func fillNamespaces() throws {
    let modes:
      [(flag: String, field: WritableKeyPath<HostConfig, String>, valid: (String) -> Bool, complaint: String)] =
        [
          (
            "pid", \.pidMode, { ["", "host"].contains($0) || Self.namesContainer($0) },
            "--pid: invalid PID mode"
          ),
          ("uts", \.utsMode, { ["", "host"].contains($0) }, "--uts: invalid UTS mode"),
          ("userns", \.usernsMode, { ["", "host"].contains($0) }, "--userns: invalid USER mode"),
          (
            "cgroupns", \.cgroupnsMode, { ["", "host", "private"].contains($0) },
            "--cgroupns: invalid CGROUP mode"
          ),
          ("ipc", \.ipcMode, { _ in true }, ""),
        ]
    for mode in modes {
      let value = arguments.string(mode.flag)
      guard mode.valid(value) else { throw CommandFailure(mode.complaint) }
      request.hostConfig[keyPath: mode.field] = value
    }
  }

  private static func namesContainer(_ mode: String) -> Bool {
    mode.hasPrefix("container:") && mode.count > 10
  }

  private mutating func fillPorts() throws {
    let (published, bindings) = try PortFlags.published(arguments.list("publish"))
    let exposed = published.union(try PortFlags.exposed(arguments.list("expose")))
    if !exposed.isEmpty {
      request.config.exposedPorts = Dictionary(uniqueKeysWithValues: exposed.map { ($0, EmptyObject()) })
    }
    request.hostConfig.portBindings = bindings
  }

  /// Docker's API has no field for it: a label carries it, which compose files and the docker CLI can write too.
  static let unhealthyLabel = "org.skiff.health.on-unhealthy"

  private mutating func fillUnhealthyAction() throws {
    guard let action = arguments.given("health-on-failure") else { return }
    guard ["none", "restart", "kill", "stop"].contains(action) else {
      throw CommandFailure(
        "invalid argument \"\(action)\" for \"--health-on-failure\": one of none, restart, kill and stop is wanted"
      )
    }
    request.config.labels = (request.config.labels ?? [:]).merging([Self.unhealthyLabel: action]) { _, new in
      new
    }
  }

  private mutating func fillHealth() throws {
    try fillUnhealthyAction()
    let names = [
      "health-cmd", "health-interval", "health-timeout", "health-start-period", "health-start-interval",
      "health-retries",
    ]
    let isSet = names.contains { arguments.isSet($0) }
    if arguments.bool("no-healthcheck") {
      guard !isSet else { throw CommandFailure("--no-healthcheck conflicts with --health-* options") }
      request.config.healthcheck = HealthConfig()
      request.config.healthcheck?.test = ["NONE"]
      return
    }
    guard isSet else { return }
    func duration(_ name: String) throws -> Int64? {
      guard arguments.isSet("health-\(name)") else { return nil }
      let value = CommonFlags.nanoseconds(arguments, "health-\(name)")
      guard value >= 0 else { throw CommandFailure("--health-\(name) cannot be negative") }
      return value
    }
    var health = HealthConfig()
    health.test = arguments.given("health-cmd").map { ["CMD-SHELL", $0] }
    health.interval = try duration("interval")
    health.timeout = try duration("timeout")
    health.startPeriod = try duration("start-period")
    health.startInterval = try duration("start-interval")
    health.retries = arguments.isSet("health-retries") ? arguments.int("health-retries") : nil
    guard (health.retries ?? 0) >= 0 else { throw CommandFailure("--health-retries cannot be negative") }
    request.config.healthcheck = health
  }

  private func check() throws {
    if request.hostConfig.autoRemove, !["", "no"].contains(request.hostConfig.restartPolicy.name) {
      throw CommandFailure("conflicting options: cannot specify both --restart and --rm")
    }
  }
}
