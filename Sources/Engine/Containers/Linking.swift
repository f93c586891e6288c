import DockerAPI
import EngineErrors
import Networks

/// Another container on the default bridge that this one knows by an alias (`--link`).
struct LinkRecord: Codable, Sendable, Equatable {
  /// The other container's id.
  var container: String
  var alias: String
}

/// What a container is told of another one that it is linked with.
struct LinkedContainer: Sendable {
  var name: String
  var hostname: String
  var address: String
  /// `80/tcp`
  var ports: [String]
  var environment: [String]

  /// `ALIAS_PORT_80_TCP_ADDR` and its like, as docker's links have them since ever.
  func variables(alias: String, of parent: String) -> [String] {
    let prefix = alias.uppercased().replacing("-", with: "_")
    let sorted = ports.compactMap(Self.split).sorted { ($0.number, $0.kind) < ($1.number, $1.kind) }
    var lines: [String] = []
    if let first = sorted.first { lines.append("\(prefix)_PORT=\(first.kind)://\(address):\(first.number)") }
    for port in sorted {
      let name = "\(prefix)_PORT_\(port.number)_\(port.kind.uppercased())"
      lines += [
        "\(name)=\(port.kind)://\(address):\(port.number)", "\(name)_ADDR=\(address)",
        "\(name)_PORT=\(port.number)", "\(name)_PROTO=\(port.kind)",
      ]
    }
    lines.append("\(prefix)_NAME=/\(parent)/\(alias)")
    for variable in environment where variable.contains("=") {
      let name = variable.prefix { $0 != "=" }
      if name != "HOME", name != "PATH" { lines.append("\(prefix)_ENV_\(variable)") }
    }
    return lines
  }

  /// The names in the hosts file.
  func names(alias: String) -> [String] { [alias, hostname] + (alias == name ? [] : [name]) }

  private static func split(_ port: String) -> (number: Int, kind: String)? {
    let parts = port.split(separator: "/").map(String.init)
    guard let number = parts.first.flatMap({ Int($0) }) else { return nil }
    return (number, parts.count > 1 ? parts[1] : "tcp")
  }
}

extension Containers {
  /// `NAME[:ALIAS]` of `--link` as records; the containers must exist. Only the default bridge has such links: a network
  /// of the user's has names.
  func links(_ host: HostConfig) async throws(EngineError) -> [LinkRecord] {
    guard host.networkMode == "bridge" else { return [] }
    var records: [LinkRecord] = []
    for text in host.links ?? [] {
      let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
      guard let name = parts.first, !parts.contains("") else {
        throw EngineError(.invalidArgument, "bad format for links: \(text)")
      }
      let container: Container
      do throws(EngineError) { container = try wished(name) } catch {
        throw EngineError(error.kind, "could not get container for \(name): \(error.message)")
      }
      let alias = parts.count > 1 ? parts[1] : name.hasPrefix("/") ? String(name.dropFirst()) : name
      let last = alias.split(separator: "/").last.map(String.init) ?? alias
      records.append(LinkRecord(container: container.id, alias: last))
    }
    return records
  }

  /// Takes a link away by its name, `CONTAINER/ALIAS`. What the container was told at its start it keeps.
  public func removeLink(_ name: String) async throws(EngineError) {
    let parts = name.split(separator: "/").map(String.init)
    guard parts.count == 2 else {
      throw EngineError(.invalidArgument, "no parent: a link's name is CONTAINER/ALIAS, not \(name)")
    }
    guard try await find(parts[0]).removeLink(parts[1]) else {
      throw EngineError(.notFound, "cannot get container link \(name): no such link")
    }
  }

  /// A linked container as it runs now.
  func linked(_ id: String, as alias: String, for parent: String) async throws(EngineError) -> LinkedContainer
  {
    guard let container = containers[id] else {
      throw EngineError(.notFound, "cannot link to a container that was removed, AS /\(parent)/\(alias)")
    }
    let record = await container.record
    let endpoint = await services.networks.endpoints(of: id)["bridge"]
    guard record.life.isRunning, let address = endpoint?.ipAddress, !address.isEmpty else {
      throw EngineError(
        .conflict, "Cannot link to a non running container: /\(record.name) AS /\(parent)/\(alias)")
    }
    return LinkedContainer(
      name: record.name, hostname: await container.hostname, address: address,
      ports: Array((record.config.exposedPorts ?? [:]).keys), environment: record.config.env ?? [])
  }

  /// How `inspect` writes a container's links.
  func linkTexts(_ record: ContainerRecord) async -> [String]? {
    guard let links = record.links, !links.isEmpty else { return nil }
    var texts: [String] = []
    for link in links {
      guard let name = await containers[link.container]?.record.name else { continue }
      texts.append("/\(name):/\(record.name)/\(link.alias)")
    }
    return texts
  }
}

extension Container {
  func linkedContainers() async throws(EngineError) -> [(alias: String, other: LinkedContainer)] {
    var found: [(alias: String, other: LinkedContainer)] = []
    for link in record.links ?? [] {
      found.append((link.alias, try await registry.linked(link.container, as: link.alias, for: record.name)))
    }
    return found
  }

  /// - Returns: false where there is no such link.
  func removeLink(_ alias: String) async throws(EngineError) -> Bool {
    guard let links = record.links, links.contains(where: { $0.alias == alias }) else { return false }
    record.links = links.filter { $0.alias != alias }
    try await save()
    return true
  }
}
