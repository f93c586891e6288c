/// What single settings must look like.
enum SettingChecks {
  static func host(_ text: String, tls: Bool) throws(SettingsError) -> String {
    guard Endpoint(text, tls: tls) != nil else {
      throw .wrong("unable to parse host \(text): it must be unix://PATH, tcp://HOST:PORT or fd://[NUMBER]")
    }
    return text
  }

  static func mirror(_ text: String) throws(SettingsError) -> String {
    let rest = ["https://", "http://"].lazy.filter(text.hasPrefix).map { text.dropFirst($0.count) }.first
    let host = rest.map { $0.hasSuffix("/") ? $0.dropLast() : $0 }
    guard let host, !host.isEmpty, !host.contains(where: { "/?#@ ".contains($0) }) else {
      throw .wrong("invalid mirror: \"\(text)\" must be https://HOST[:PORT] without a path")
    }
    return text
  }

  /// `HOST[:PORT]` or a network; dockerd takes a scheme away with a warning, and so it is here.
  static func insecureRegistry(_ text: String) throws(SettingsError) -> String {
    var rest = text[...]
    for scheme in ["https://", "http://"] where rest.hasPrefix(scheme) { rest = rest.dropFirst(scheme.count) }
    guard !rest.isEmpty, !rest.hasPrefix("-"), !rest.contains(where: { "?#@ ".contains($0) }) else {
      throw .wrong("insecure registry \(text) is not valid: it must be HOST[:PORT] or NETWORK/BITS")
    }
    return String(rest)
  }

  /// One value for a key.
  static func labels(_ list: [String]) throws(SettingsError) -> [String] {
    var values: [String: String] = [:]
    var kept: [String] = []
    for label in list {
      let pair = label.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, !pair[0].isEmpty else { throw .wrong("bad attribute format: \(label)") }
      if let other = values[pair[0]], other != pair[1] {
        throw .wrong("conflict labels for \(pair[0])=\(pair[1]) and \(pair[0])=\(other)")
      }
      if values.updateValue(pair[1], forKey: pair[0]) == nil { kept.append(label) }
    }
    return kept
  }

  /// `key=value` each; the last of a key holds.
  static func logOptions(_ list: [String]) throws(SettingsError) -> [String: String] {
    var options: [String: String] = [:]
    for option in list {
      let pair = option.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard pair.count == 2, !pair[0].isEmpty else {
        throw .wrong("invalid log-opt \(option): it must be KEY=VALUE")
      }
      options[pair[0]] = pair[1]
    }
    return options
  }

  static func metricsAddress(_ text: String) throws(SettingsError) -> String {
    guard case .tcp? = Endpoint("tcp://\(text)"), text.contains(":") else {
      throw .wrong("invalid metrics-addr \(text): it must be HOST:PORT")
    }
    return text
  }

  static func pool(_ text: String) throws(SettingsError) -> DaemonSettings.AddressPool {
    var parts: [String: String] = [:]
    for part in text.split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map(String.init)
      if pair.count == 2 { parts[pair[0]] = pair[1] }
    }
    guard parts.count == 2, let base = parts["base"], let size = parts["size"].flatMap({ Int($0) }) else {
      throw .wrong("invalid default address pool \(text): it must be base=NETWORK,size=BITS")
    }
    return DaemonSettings.AddressPool(base: base, size: size)
  }
}
