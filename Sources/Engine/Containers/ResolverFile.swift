/// A resolv.conf(5), as far as containers need it; pure.
public struct ResolverFile: Equatable, Sendable {
  var nameservers: [String] = []
  var search: [String] = []
  var options: [String] = []

  public init(nameservers: [String], search: [String], options: [String]) {
    self.nameservers = nameservers
    self.search = search
    self.options = options
  }

  public init(parsing text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split(whereSeparator: { $0 == " " || $0 == "\t" }).map(String.init)
      guard let keyword = words.first, words.count > 1 else { continue }
      switch keyword {
      case "nameserver": nameservers.append(words[1])
      case "search", "domain": search = Array(words.dropFirst())
      case "options": options += words.dropFirst()
      default: continue
      }
    }
  }

  public var text: String {
    var lines = nameservers.map { "nameserver \($0)" }
    let domains = search.filter { $0 != "." }
    if !domains.isEmpty { lines.append("search \(domains.joined(separator: " "))") }
    if !options.isEmpty { lines.append("options \(options.joined(separator: " "))") }
    return lines.map { $0 + "\n" }.joined()
  }

  /// What is not said here, as the host has it. A resolver on the host's loopback cannot be reached from a
  /// namespace of the container's own.
  public func inheriting(_ host: ResolverFile, withoutLoopback: Bool) -> ResolverFile {
    let reachable = host.nameservers.filter { !withoutLoopback || !($0.hasPrefix("127.") || $0 == "::1") }
    return ResolverFile(
      nameservers: nameservers.isEmpty ? reachable : nameservers,
      search: search.isEmpty ? host.search : search,
      options: options.isEmpty ? host.options : options)
  }

  /// The engine's own resolver in front; it knows the others.
  public func served(by address: String, inheriting host: ResolverFile) -> ResolverFile {
    var options = options.isEmpty ? host.options : options
    if !options.contains(where: { $0.hasPrefix("ndots:") }) { options.append("ndots:0") }
    return ResolverFile(
      nameservers: [address], search: search.isEmpty ? host.search : search, options: options)
  }
}
