import DockerAPI

/// The files that containers' resolvers read; pure text.
enum NameRecords {
  /// A network's names: a line `NAME ADDRESS` for each. A container's own name is its first, so that the answer to
  /// a question for an address is that one.
  static func network(_ id: String, sandboxes: [SandboxRecord]) -> String {
    var lines: [String] = []
    for sandbox in sandboxes {
      guard let endpoint = sandbox.endpoint(in: id), let link = endpoint.link else { continue }
      for name in names(of: sandbox, endpoint) where isName(name) {
        for address in link.addresses.texts { lines.append("\(name) \(address)\n") }
      }
    }
    return lines.joined()
  }

  /// Name, short id, aliases; each once.
  static func names(of sandbox: SandboxRecord, _ endpoint: EndpointRecord) -> [String] {
    var seen: Set<String> = []
    let all = [sandbox.name, ObjectID.short(sandbox.id)] + (endpoint.wish.aliases ?? [])
    return all.filter { !$0.isEmpty && seen.insert($0).inserted }
  }

  /// `--link CONTAINER:ALIAS`: names that only this container knows.
  static func links(of sandbox: SandboxRecord, among sandboxes: [SandboxRecord]) -> String {
    var lines: [String] = []
    for endpoint in sandbox.endpoints {
      for link in endpoint.wish.links ?? [] {
        let parts = link.split(separator: ":", maxSplits: 1).map(String.init)
        guard let target = parts.first, let alias = parts.last, isName(alias) else { continue }
        let found = sandboxes.first {
          ($0.name == target || $0.id == target || ObjectID.short($0.id) == target)
            && $0.endpoint(in: endpoint.networkID) != nil
        }
        let addresses = found?.endpoint(in: endpoint.networkID)?.link?.addresses.texts ?? []
        for address in addresses { lines.append("\(alias) \(address)\n") }
      }
    }
    return lines.joined()
  }

  /// What a container's resolver reads: record files, who else to ask, what to append.
  static func resolver(files: [String], wishes: ResolverWishes, host: HostResolver) -> String {
    let servers = wishes.servers.isEmpty ? host.servers : wishes.servers
    let search = wishes.search.isEmpty ? host.search : wishes.search
    var lines = files.map { "network \($0)\n" } + servers.map { "upstream \($0)\n" }
    lines += search.filter { $0 != "." }.map { "search \($0)\n" }
    lines += (wishes.options.isEmpty ? host.options : wishes.options).map { "option \($0)\n" }
    return lines.joined()
  }

  /// What fits into one word of a line.
  private static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 253 && text.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7f }
  }
}

/// What resolv.conf(5) of the host says.
struct HostResolver: Equatable, Sendable {
  var servers: [String] = []
  var search: [String] = []
  var options: [String] = []

  init(_ text: String) {
    for line in text.split(separator: "\n") {
      let words = line.split { $0 == " " || $0 == "\t" }.map(String.init)
      guard let keyword = words.first, words.count > 1 else { continue }
      switch keyword {
      case "nameserver": if servers.count < 3 { servers.append(words[1]) }
      case "search", "domain": search = Array(words.dropFirst())
      case "options": options += words.dropFirst()
      default: continue
      }
    }
  }
}
