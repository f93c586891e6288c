import JSON
import TextFormats

/// Lays one compose file over another (the specification's chapter on merging).
enum Merging {
  private enum Rule: Sendable {
    case sequence, replace, dependsOn, names, build, logging, hosts, ipam, ulimit
  }

  private static let service: KeyValuePairs<String, Rule> = [
    "annotations": .sequence, "build": .build, "command": .replace, "depends_on": .dependsOn,
    "deploy.labels": .sequence, "dns": .sequence, "dns_opt": .sequence, "dns_search": .sequence,
    "entrypoint": .replace, "env_file": .sequence, "label_file": .sequence, "environment": .sequence,
    "extra_hosts": .hosts, "healthcheck.test": .replace, "labels": .sequence,
    "volumes.*.volume.labels": .sequence, "logging": .logging, "models": .names, "networks": .names,
    "sysctls": .sequence, "tmpfs": .sequence, "ulimits.*": .ulimit, "build.args": .sequence,
    "build.additional_contexts": .sequence, "build.extra_hosts": .hosts, "build.labels": .sequence,
  ]

  private static let serviceRules = PathRules<Rule>(service)
  private static let rules = PathRules<Rule>(
    KeyValuePairs(
      dictionaryLiteral: ("networks.*.ipam.config", .ipam), ("networks.*.labels", .sequence),
      ("volumes.*.labels", .sequence)))

  /// `base` with `over` laid upon it.
  static func merge(_ base: JSONObject, _ over: JSONObject) throws(ComposeError) -> JSONObject {
    try members(base, over, TreePath(), rules, atRoot: true)
  }

  /// A service that extends `base` with what it says itself.
  static func extend(_ base: JSONObject, _ over: JSONObject) throws(ComposeError) -> JSONObject {
    try members(base, over, TreePath("services", "x"), serviceRules)
  }

  private static func members(
    _ base: JSONObject, _ over: JSONObject, _ path: TreePath, _ rules: PathRules<Rule>?, atRoot: Bool = false
  ) throws(ComposeError) -> JSONObject {
    var result = base
    for (key, value) in over {
      guard let old = result[key] else {
        result[key] = value
        continue
      }
      let next = path.next(key)
      if atRoot, key == "services", case .object(let services) = old, case .object(let others) = value {
        result[key] = .object(try self.services(services, others))
      } else {
        result[key] = try self.value(old, value, next, rules?.below(key))
      }
    }
    return result
  }

  private static func services(_ base: JSONObject, _ over: JSONObject) throws(ComposeError) -> JSONObject {
    var result = base
    for (name, value) in over {
      let old = result[name]
      let path = TreePath("services", name)
      result[name] = if let old { try self.value(old, value, path, serviceRules) } else { value }
    }
    return result
  }

  private static func value(
    _ base: JSONValue, _ over: JSONValue, _ path: TreePath, _ rules: PathRules<Rule>?
  ) throws(ComposeError) -> JSONValue {
    if let rule = rules?.rule { return try apply(rule, base, over, path, rules) }
    if over == .null { return base }
    switch (base, over) {
    case (.object(let left), .object(let right)): return .object(try members(left, right, path, rules))
    case (.array(let left), .array(let right)): return .array(left + right)
    case (.object, _), (.array, _): throw ComposeError("cannot override \(path)")
    default: return over
    }
  }

  private static func apply(
    _ rule: Rule, _ base: JSONValue, _ over: JSONValue, _ path: TreePath, _ rules: PathRules<Rule>?
  ) throws(ComposeError) -> JSONValue {
    switch rule {
    case .sequence: return .array(sequence(base) + sequence(over))
    case .replace, .ulimit: return over
    case .hosts:
      let left = sequence(base)
      return .array(left + sequence(over).filter { !left.contains($0) })
    case .dependsOn:
      let started: JSONValue = ["condition": "service_started", "required": true]
      return .object(try members(mapping(base, started), mapping(over, started), path, nil))
    case .names: return .object(try members(mapping(base, .null), mapping(over, .null), path, nil))
    case .build: return .object(try members(buildMapping(base), buildMapping(over), path, rules))
    case .logging:
      guard case .object(let left) = base, case .object(let right) = over else { return over }
      let same = left["driver"] == right["driver"] || left["driver"] == nil || right["driver"] == nil
      return same ? .object(try members(left, right, path, nil)) : over
    case .ipam: return try ipam(base, over, path)
    }
  }

  private static func buildMapping(_ value: JSONValue) -> JSONObject {
    switch value {
    case .string: ["context": value]
    case .object(let object): object
    default: [:]
    }
  }

  /// A mapping as the sorted list `KEY=value`; a text as a list of one.
  static func sequence(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .array(let items): return items
    case .string: return [value]
    case .object(let object):
      var result: [String] = []
      for (key, value) in object {
        switch value {
        case .null: result.append(key)
        case .array(let items): result += items.map { "\(key)=\($0.goText)" }
        default: result.append("\(key)=\(value.goText)")
        }
      }
      return result.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }.map(JSONValue.string)
    default: return []
    }
  }

  private static func mapping(_ value: JSONValue, _ empty: JSONValue) -> JSONObject {
    switch value {
    case .object(let object): object
    case .array(let items): JSONObject(items.compactMap { item in item.string.map { ($0, empty) } })
    default: [:]
    }
  }

  private static func ipam(_ base: JSONValue, _ over: JSONValue, _ path: TreePath) throws(ComposeError)
    -> JSONValue
  {
    guard case .array(let originals) = base, case .array(let others) = over else {
      throw ComposeError("\(path): unexpected type \(base.goType)")
    }
    var result: [JSONObject] = []
    for original in originals {
      let left = original.object ?? [:]
      for other in others {
        let right = other.object ?? [:]
        if left["subnet"] != right["subnet"], !result.contains(where: { $0["subnet"] == right["subnet"] }) {
          result.append(right)
          continue
        }
        let merged = try members(left, right, path, nil)
        if let place = result.firstIndex(where: { $0["subnet"] == merged["subnet"] }) {
          result[place] = merged
        } else {
          result.append(merged)
        }
      }
    }
    return .array(result.map(JSONValue.object))
  }
}
