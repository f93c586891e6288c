/// The settings of the host's pip that mean the same inside a container: where packages come from, never a path.
struct PipSettings {
  private static let kept = ["index-url", "extra-index-url", "trusted-host", "timeout", "proxy", "retries"]
  private var values: [String: String] = [:]

  init(_ host: HostTrust.Host) {
    for text in host.pipConfigurations { read(text) }
    for (name, value) in host.environment where name.hasPrefix("PIP_") {
      keep(name.dropFirst(4).lowercased().map { $0 == "_" ? "-" : String($0) }.joined(), value)
    }
  }

  /// A configuration file, or nil where the host's pip has no setting of use.
  var text: String? {
    guard !values.isEmpty else { return nil }
    let lines = values.sorted { $0.key < $1.key }.map { "\($0.key) = \($0.value)" }
    return "[global]\n" + lines.joined(separator: "\n") + "\n"
  }

  private mutating func read(_ text: String) {
    var section = ""
    var key: String?
    for line in text.split(whereSeparator: \.isNewline) {
      let trimmed = Self.trim(line)
      if trimmed.isEmpty || trimmed.hasPrefix("#") || trimmed.hasPrefix(";") { continue }
      if trimmed.hasPrefix("["), trimmed.hasSuffix("]") {
        section = trimmed.dropFirst().dropLast().lowercased()
        key = nil
      } else if line.first?.isWhitespace == true, let key {
        // A value goes on over indented lines.
        if section == "global" || section == "install" {
          keep(key, [values[key], String(trimmed)].compactMap(\.self).joined(separator: " "))
        }
      } else if let separator = trimmed.firstIndex(where: { $0 == "=" || $0 == ":" }) {
        let name = Self.trim(trimmed[..<separator]).lowercased().map { $0 == "_" ? "-" : String($0) }.joined()
        key = name
        let value = Self.trim(trimmed[trimmed.index(after: separator)...])
        if section == "global" || section == "install" { keep(name, String(value)) }
      }
    }
  }

  private mutating func keep(_ name: String, _ value: String) {
    let name = name == "default-timeout" ? "timeout" : name
    guard Self.kept.contains(name), !value.contains(where: \.isNewline) else { return }
    let words = value.split(whereSeparator: \.isWhitespace).filter { Self.isUseful(String($0), for: name) }
    if !words.isEmpty { values[name] = words.joined(separator: " ") }
  }

  private static func isUseful(_ word: String, for name: String) -> Bool {
    switch name {
    case "index-url", "extra-index-url": word.hasPrefix("http://") || word.hasPrefix("https://")
    case "timeout", "retries": Double(word) != nil
    case "proxy": !word.hasPrefix("/") && !HostTrust.isLoopback(word)
    default: !word.contains("/")
    }
  }

  private static func trim(_ text: Substring) -> Substring {
    var text = text
    while text.first?.isWhitespace == true { text.removeFirst() }
    while text.last?.isWhitespace == true { text.removeLast() }
    return text
  }
}
