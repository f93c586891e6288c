import JSON
import TextFormats

/// Where a list says the same thing twice, the later element takes the place of the earlier: `FOO=1` and `FOO=2`, two
/// mounts at one target.
enum Unicity {
  private enum Key: Sendable { case name, mount, secret, device, port, exposed, envFile }

  private static let rules = PathRules<Key>([
    "networks.*.labels": .name, "networks.*.ipam.options": .name, "services.*.annotations": .name,
    "services.*.build.args": .name, "services.*.build.additional_contexts": .name,
    "services.*.build.tags": .name, "services.*.build.labels": .name, "services.*.cap_add": .name,
    "services.*.cap_drop": .name, "services.*.configs": .mount, "services.*.deploy.labels": .name,
    "services.*.dns": .name, "services.*.dns_opt": .name, "services.*.dns_search": .name,
    "services.*.environment": .name, "services.*.env_file": .envFile, "services.*.expose": .exposed,
    "services.*.labels": .name, "services.*.links": .name, "services.*.networks.*.aliases": .name,
    "services.*.networks.*.link_local_ips": .name, "services.*.ports": .port, "services.*.profiles": .name,
    "services.*.secrets": .secret, "services.*.sysctls": .name, "services.*.tmpfs": .name,
    "services.*.volumes": .mount, "services.*.devices": .device,
  ])

  /// `tree` without repetitions.
  static func enforce(_ tree: JSONObject) throws(ComposeError) -> JSONObject {
    try members(tree, TreePath(), rules)
  }

  private static func members(
    _ object: JSONObject, _ path: TreePath, _ rules: PathRules<Key>
  ) throws(ComposeError) -> JSONObject {
    var result = object
    for (key, value) in object {
      guard let below = rules.below(key) else { continue }
      switch value {
      case .object(let inner): result[key] = .object(try members(inner, path.next(key), below))
      case .array(let items):
        if let rule = below.rule { result[key] = .array(try unique(items, path.next(key), key, rule)) }
      default: break
      }
    }
    return result
  }

  private static func unique(
    _ items: [JSONValue], _ path: TreePath, _ name: String, _ rule: Key
  ) throws(ComposeError) -> [JSONValue] {
    var result: [JSONValue] = []
    var places: [String: Int] = [:]
    for (index, item) in items.enumerated() {
      let key = try self.key(of: item, path.next("[\(index)]"), name, rule)
      if let place = places[key] {
        result[place] = item
      } else {
        places[key] = result.count
        result.append(item)
      }
    }
    return result
  }

  private static func key(
    of item: JSONValue, _ path: TreePath, _ name: String, _ rule: Key
  ) throws(ComposeError) -> String {
    switch (rule, item) {
    case (.name, .string(let text)):
      return text.split(separator: "=", maxSplits: 1).first.map(String.init) ?? ""
    case (.name, _): throw ComposeError("\(path): unexpected type \(item.goType)")
    case (.envFile, .string(let text)): return text
    case (.envFile, .object(let file)):
      guard let target = file["path"]?.string else {
        throw ComposeError("environment path attribute \(path) is missing")
      }
      return target
    case (.exposed, .string(let text)): return text
    case (.exposed, .integer(let port)): return "\(port)"
    case (.exposed, _): throw ComposeError("\(path): unsupported expose value \(item.goText)")
    case (.port, .object(let port)): return try portKey(port, path)
    case (.port, _): return item.goText
    case (.mount, .string(let text)) where name == "volumes":
      return try VolumeSpec.parse(text)["target"]?.string ?? ""
    case (.mount, .object(let mount)) where name == "volumes":
      guard let target = mount["target"]?.string else {
        throw ComposeError("service volume \(path) is missing a mount target")
      }
      return target
    case (.mount, _): return try fileKey(item, path, directory: "")
    case (.secret, _): return try fileKey(item, path, directory: "/run/secrets")
    case (.device, .string(let text)):
      let parts = text.split(separator: ":", omittingEmptySubsequences: false)
      return String(parts.count > 1 ? parts[1] : parts[0])
    case (.device, .object(let device)):
      guard let target = device["target"]?.string else {
        throw ComposeError("service device \(path) is missing a mount target")
      }
      return target
    default: return ""
    }
  }

  private static func portKey(_ port: JSONObject, _ path: TreePath) throws(ComposeError) -> String {
    guard let target = port["target"] else {
      throw ComposeError("service ports \(path) is missing a target port")
    }
    let host = port["host_ip"]?.goText ?? "0.0.0.0"
    let scheme = port["protocol"]?.goText ?? "tcp"
    return "\(host):\(port["published"]?.goText ?? ""):\(target.goText)/\(scheme)"
  }

  private static func fileKey(_ item: JSONValue, _ path: TreePath, directory: String) throws(ComposeError)
    -> String
  {
    switch item {
    case .string(let name): return "\(directory)/\(name)"
    case .object(let file): return file["target"]?.goText ?? "\(directory)/\(file["source"]?.goText ?? "")"
    default: throw ComposeError("\(path): unsupported expose value \(item.goText)")
    }
  }
}
