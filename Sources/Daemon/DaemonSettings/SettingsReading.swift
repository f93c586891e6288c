import DockerAPI
import Flags

/// What surrounds the program that reads its settings.
public struct SettingsSource: Sendable {
  var arguments: [String]
  /// What `--version` answers.
  var version: String
  /// Where the files of TLS usually stand.
  var certificates: String
  /// A file's content; nil where there is none.
  var read: @Sendable (String) throws -> [UInt8]?

  public init(
    arguments: [String], version: String, certificates: String = "/root/.docker",
    read: @escaping @Sendable (String) throws -> [UInt8]?
  ) {
    self.arguments = arguments
    self.version = version
    self.certificates = certificates
    self.read = read
  }
}

extension DaemonSettings {
  /// Reads the command line and the configuration file. What stands in both is refused, as dockerd does.
  public init(_ source: SettingsSource) throws(SettingsError) {
    let given = try Self.commandLine(source)
    if given.bool("version") { throw .text("\(source.version)\n") }
    self = try Self.read(given, source).settings
    isTrial = given.bool("validate")
  }

  /// The command line is looked at alone first: what is wrong with it is not the file's fault.
  private static func read(
    _ given: Arguments, _ source: SettingsSource
  ) throws(SettingsError) -> (settings: DaemonSettings, file: ConfigurationFile) {
    let flags = try naming("its command line") { () throws(SettingsError) in
      try DaemonSettings(SettingValues(given, ConfigurationFile()), source)
    }
    let name = "file \(given.string("config-file"))"
    let file = try naming(name) { () throws(SettingsError) in try self.file(given, source) }
    guard !file.values.isEmpty else { return (flags, file) }
    var settings = try naming(name) { () throws(SettingsError) in
      try DaemonSettings(SettingValues(given, file), source)
    }
    settings.origin = "\(name) and its command line"
    return (settings, file)
  }

  /// What a running engine takes over: what stands in the file now over what holds. Throws what is wrong with the file
  /// as a whole.
  public static func reload(
    _ source: SettingsSource, over current: ReloadableSettings
  ) throws(SettingsError) -> ReloadableSettings {
    let given = try commandLine(source)
    // Anything wrong with the rest keeps the engine from a half-understood file.
    let file = try read(given, source).file
    let keys = Directive.all.filter(\.isReloadable).map(\.flag)
    var settings = current
    try settings.take(SettingValues(file: file.values.filter { keys.contains($0.key) }))
    return settings
  }

  private static func commandLine(_ source: SettingsSource) throws(SettingsError) -> Arguments {
    do throws(UsageError) {
      return try CommandLine.syntax(certificates: source.certificates).parse(source.arguments)
    } catch {
      throw error.status == 0 ? .text(error.text) : .wrong(String(error.text.dropLast()))
    }
  }

  private static func naming<Value>(
    _ origin: String, _ body: () throws(SettingsError) -> Value
  ) throws(SettingsError) -> Value {
    do throws(SettingsError) {
      return try body()
    } catch {
      guard case .wrong(let message) = error else { throw error }
      throw .wrong("unable to configure skiffd with \(origin): \(message)")
    }
  }

  private static func file(
    _ given: Arguments, _ source: SettingsSource
  ) throws(SettingsError) -> ConfigurationFile {
    let bytes: [UInt8]?
    do { bytes = try source.read(given.string("config-file")) } catch { throw .wrong("\(error)") }
    guard let bytes else {
      guard given.isSet("config-file") else { return ConfigurationFile() }
      throw .wrong("no such file")
    }
    return try ConfigurationFile(bytes)
  }

  private init(_ values: SettingValues, _ source: SettingsSource) throws(SettingsError) {
    self.init()
    dataRoot = values.text("data-root") ?? dataRoot
    execRoot = values.text("exec-root") ?? execRoot
    pidFile = values.text("pidfile") ?? "\(execRoot)/skiffd.pid"
    for path in [dataRoot, execRoot, pidFile] where !path.hasPrefix("/") {
      throw .wrong("\(path) is no absolute path")
    }
    group = values.text("group") ?? ""
    dns = values.list("dns") ?? []
    logDriver = values.text("log-driver") ?? logDriver
    guard ["json-file", "local", "none"].contains(logDriver) else {
      throw .wrong(
        "logger: no log driver named '\(logDriver)' is registered: there are json-file, local and none")
    }
    logOptions = try SettingChecks.logOptions(values.list("log-opt") ?? [])
    do throws(InvalidUlimit) {
      ulimits = try Ulimit.all(values.list("default-ulimit") ?? [])
    } catch {
      throw .wrong("invalid default-ulimit: \(error)")
    }
    origin = "its command line"
    hostTrust = values.toggle("host-trust") ?? true
    metricsAddress = try values.text("metrics-addr").map(SettingChecks.metricsAddress)
    if let text = values.text("mtu") {
      guard let number = Int(text), (68...65535).contains(number) else {
        throw .wrong("invalid MTU: \(text)")
      }
      mtu = number
    }
    tls = try Self.tls(values, source)
    hosts = try (values.list("host") ?? ["unix://\(execRoot)/skiff.sock"]).map {
      (host) throws(SettingsError) in
      try SettingChecks.host(host, tls: tls != nil)
    }
    addressPools = try (values.list("default-address-pool") ?? []).map(SettingChecks.pool)
    ipv6 = values.toggle("ipv6") ?? false
    fixedCIDRv6 = values.text("fixed-cidr-v6") ?? ""
    guard ipv6 || fixedCIDRv6.isEmpty else { throw .wrong("fixed-cidr-v6 is given without ipv6") }
    sockets = try (values.list("socket") ?? []).map { (text) throws(SettingsError) in
      try ScopedSocket(text)
    }
    try reloadable.take(values)
  }

  /// Naming `--tlsverify` at all means TLS, and TLS means that clients need a certificate unless it says otherwise.
  private static func tls(_ values: SettingValues, _ source: SettingsSource) throws(SettingsError)
    -> TLSFiles?
  {
    let verifies = values.toggle("tlsverify")
    guard values.toggle("tls") == true || verifies != nil else { return nil }
    func path(_ name: String, _ file: String) throws(SettingsError) -> String {
      if let given = values.text(name) { return given }
      let usual = "\(source.certificates)/\(file)"
      do { return try source.read(usual) == nil ? "" : usual } catch { throw .wrong("\(error)") }
    }
    return TLSFiles(
      authorities: values.text("tlscacert") ?? "\(source.certificates)/ca.pem",
      certificate: try path("tlscert", "cert.pem"), key: try path("tlskey", "key.pem"),
      verifies: verifies ?? true)
  }
}

extension ReloadableSettings {
  /// Takes what is there; what is not stays.
  mutating func take(_ values: SettingValues) throws(SettingsError) {
    if let level = values.text("log-level") {
      guard let known = DaemonSettings.LogLevel(rawValue: level) else {
        throw .wrong("invalid logging level: \(level)")
      }
      logLevel = known
    }
    if let debug = values.toggle("debug") {
      if debug { logLevel = .debug } else if logLevel == .debug { logLevel = .info }
    }
    if let list = values.list("label") { labels = try SettingChecks.labels(list) }
    if let list = values.list("registry-mirror") { registryMirrors = try list.map(SettingChecks.mirror) }
    if let list = values.list("insecure-registry") {
      insecureRegistries = try list.map(SettingChecks.insecureRegistry)
    }
    liveRestore = values.toggle("live-restore") ?? liveRestore
    maxConcurrentDownloads = try values.count("max-concurrent-downloads") ?? maxConcurrentDownloads
    maxConcurrentUploads = try values.count("max-concurrent-uploads") ?? maxConcurrentUploads
    maxDownloadAttempts = try values.count("max-download-attempts") ?? maxDownloadAttempts
    guard maxDownloadAttempts > 0 else {
      throw .wrong("invalid max download attempts: \(maxDownloadAttempts)")
    }
    shutdownTimeout = try values.number("shutdown-timeout") ?? shutdownTimeout
  }
}
