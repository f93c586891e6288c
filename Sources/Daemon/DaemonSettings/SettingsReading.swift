import Flags

extension DaemonSettings {
  /// Reads the command line and the configuration file, which `read` fetches: nil where there is none.
  /// What stands in both is refused, as dockerd does.
  public init(
    arguments: [String], version: String, read: (String) throws -> [UInt8]?
  ) throws(SettingsError) {
    let given: Arguments
    do throws(UsageError) {
      given = try CommandLine.syntax().parse(arguments)
    } catch {
      throw error.status == 0 ? .text(error.text) : .wrong(String(error.text.dropLast()))
    }
    if given.bool("version") { throw .text("\(version)\n") }
    let path = given.string("config-file")
    do throws(SettingsError) {
      let file = try Self.file(path, isRequired: given.isSet("config-file"), read)
      try self.init(Self.merged(given, file))
    } catch {
      guard case .wrong(let message) = error else { throw error }
      throw .wrong("unable to configure skiffd with file \(path): \(message)")
    }
    if given.bool("validate") { throw .text("configuration OK\n") }
  }

  private static func file(
    _ path: String, isRequired: Bool, _ read: (String) throws -> [UInt8]?
  ) throws(SettingsError) -> ConfigurationFile {
    let bytes: [UInt8]?
    do { bytes = try read(path) } catch { throw .wrong("\(error)") }
    guard let bytes else {
      guard isRequired else { return ConfigurationFile() }
      throw .wrong("no such file")
    }
    return try ConfigurationFile(bytes)
  }

  private static func merged(
    _ given: Arguments, _ file: ConfigurationFile
  ) throws(SettingsError) -> [String: [String]] {
    var values = file.values
    var conflicts: [String] = []
    for directive in Directive.all where given.isSet(directive.flag) {
      let words =
        directive.kind == .list || directive.kind == .pools
        ? given.list(directive.flag) : [given.string(directive.flag)]
      if let other = file.values[directive.flag] {
        conflicts.append(
          "\(directive.key): (from flag: \(shown(words, directive)), from file: \(shown(other, directive)))")
      }
      values[directive.flag] = words
    }
    guard conflicts.isEmpty else {
      throw .wrong(
        "the following directives are specified both as a flag and in the configuration file: "
          + conflicts.joined(separator: ", "))
    }
    return values
  }

  private static func shown(_ words: [String], _ directive: Directive) -> String {
    directive.kind == .list || directive.kind == .pools ? "[\(words.joined(separator: " "))]" : words.joined()
  }

  private init(_ values: [String: [String]]) throws(SettingsError) {
    self.init()
    func one(_ name: String) -> String? { values[name]?.last.flatMap { $0.isEmpty ? nil : $0 } }
    dataRoot = one("data-root") ?? dataRoot
    execRoot = one("exec-root") ?? execRoot
    pidFile = one("pidfile") ?? "\(execRoot)/skiffd.pid"
    for path in [dataRoot, execRoot, pidFile] where !path.hasPrefix("/") {
      throw .wrong("\(path) is no absolute path")
    }
    group = one("group") ?? ""
    dns = values["dns"] ?? []
    hostTrust = one("host-trust").map { ["true", "1", "t", "T", "TRUE", "True"].contains($0) } ?? true
    if let level = one("log-level") {
      guard let known = LogLevel(rawValue: level) else { throw .wrong("invalid logging level: \(level)") }
      logLevel = known
    }
    if ["true", "1", "t", "T", "TRUE", "True"].contains(one("debug") ?? "") { logLevel = .debug }
    if let text = one("mtu") {
      guard let number = Int(text), (68...65535).contains(number) else {
        throw .wrong("invalid MTU: \(text)")
      }
      mtu = number
    }
    hosts = try (values["host"] ?? ["unix://\(execRoot)/skiff.sock"]).map(Self.host)
    registryMirrors = try (values["registry-mirror"] ?? []).map(Self.mirror)
    addressPools = try (values["default-address-pool"] ?? []).map(Self.pool)
  }

  private static func host(_ text: String) throws(SettingsError) -> String {
    guard Endpoint(text) != nil else {
      throw .wrong("unable to parse host \(text): it must be unix://PATH or tcp://HOST:PORT")
    }
    return text
  }

  private static func mirror(_ text: String) throws(SettingsError) -> String {
    let rest = ["https://", "http://"].lazy.filter(text.hasPrefix).map { text.dropFirst($0.count) }.first
    let host = rest.map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
    guard let host, !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else {
      throw .wrong("invalid mirror: \"\(text)\" must be https://HOST[:PORT] without a path")
    }
    return text
  }

  private static func pool(_ text: String) throws(SettingsError) -> AddressPool {
    var parts: [String: String] = [:]
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { parts[pair[0]] = pair[1] }
    }
    guard parts.count == 2, let base = parts["base"], let size = parts["size"].flatMap({ Int($0) }) else {
      throw .wrong("invalid default address pool \(text): it must be base=NETWORK,size=BITS")
    }
    return AddressPool(base: base, size: size)
  }
}
