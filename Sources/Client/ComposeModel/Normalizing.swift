import JSON
import PathPatterns

/// Makes explicit what a project implies: the default network, dependencies by links, names of resources.
struct Normalizing {
  let projectName: String
  let environment: [String: String]

  func normalize(_ tree: JSONObject) -> JSONObject {
    var result = tree
    var usesDefault = false
    if case .object(var services) = tree["services"] {
      for (name, value) in services {
        guard case .object(let service) = value else { continue }
        services[name] = .object(normalize(service, &usesDefault))
      }
      result["services"] = .object(services)
    }
    var networks = tree["networks"]?.object ?? [:]
    if usesDefault, networks["default"] == nil { networks["default"] = .null }
    if !networks.isEmpty { result["networks"] = .object(networks) }
    for section in ["networks", "volumes", "configs", "secrets"] {
      if case .object(let members) = result[section] { result[section] = .object(named(members)) }
    }
    return result
  }

  private func named(_ resources: JSONObject) -> JSONObject {
    var result = resources
    for (key, value) in resources {
      var resource = value.object ?? [:]
      if resource["name"] == nil || resource["name"] == .null {
        resource["name"] = .string(isTrue(resource["external"]) ? key : "\(projectName)_\(key)")
      }
      result[key] = .object(resource)
    }
    return result
  }

  private func isTrue(_ value: JSONValue?) -> Bool {
    ["1", "t", "T", "TRUE", "true", "True"].contains(value?.goText ?? "")
  }

  private func normalize(_ service: JSONObject, _ usesDefault: inout Bool) -> JSONObject {
    var result = service
    if service["provider"] == nil, service["network_mode"] == nil {
      let networks = service["networks"]?.object ?? [:]
      if networks.isEmpty { result["networks"] = ["default": .null] }
      if networks.isEmpty || networks["default"] != nil { usesDefault = true }
    }
    if service["pull_policy"]?.string == "if_not_present" { result["pull_policy"] = "missing" }
    if case .object(var build) = service["build"] {
      if (build["context"] ?? .null) == .null { build["context"] = "." }
      if (build["dockerfile"] ?? .null) == .null, (build["dockerfile_inline"] ?? .null) == .null {
        build["dockerfile"] = "Dockerfile"
      }
      if let arguments = build["args"] { build["args"] = resolve(arguments, keepEmpty: false) }
      result["build"] = .object(build)
    }
    if let variables = service["environment"] { result["environment"] = resolve(variables, keepEmpty: true) }
    if case .array(let volumes) = service["volumes"] { result["volumes"] = .array(volumes.map(cleaned)) }
    let dependencies = dependencies(of: service)
    if !dependencies.isEmpty { result["depends_on"] = .object(dependencies) }
    return result
  }

  private func cleaned(_ volume: JSONValue) -> JSONValue {
    guard case .object(var mount) = volume, let target = mount["target"]?.string else { return volume }
    mount["target"] = .string(SlashPath.clean(target))
    return .object(mount)
  }

  private func dependencies(of service: JSONObject) -> JSONObject {
    var result = service["depends_on"]?.object ?? [:]
    func add(_ name: Substring, restart: Bool) {
      guard result[String(name)] == nil else { return }
      result[String(name)] = ["condition": "service_started", "restart": .bool(restart), "required": true]
    }
    for link in service["links"]?.array ?? [] {
      let parts = (link.string ?? "").split(separator: ":", omittingEmptySubsequences: false)
      if parts.count == 2 {
        add(parts[0], restart: true)
      } else {
        add((link.string ?? "")[...], restart: true)
      }
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
      if let mode = service[key]?.string, mode.hasPrefix("service:") { add(mode.dropFirst(8), restart: true) }
    }
    for source in service["volumes_from"]?.array ?? [] {
      let text = source.string ?? ""
      guard !text.hasPrefix("container:"), let name = text.split(separator: ":").first else { continue }
      add(name, restart: false)
    }
    return result
  }

  /// Fills variables named without a value from the environment; the rest are dropped unless `keepEmpty`.
  private func resolve(_ value: JSONValue, keepEmpty: Bool) -> JSONValue {
    switch value {
    case .array(let items):
      return .array(
        items.compactMap { item -> JSONValue? in
          guard case .string(let text) = item, !text.contains("=") else { return item }
          if let found = environment[text] { return .string("\(text)=\(found)") }
          return keepEmpty ? item : JSONValue?.none
        })
    case .object(let members):
      var result = JSONObject()
      for (key, value) in members {
        if value != .null {
          result[key] = value
        } else if let found = environment[key] {
          result[key] = .string(found)
        } else if keepEmpty {
          result[key] = .null
        }
      }
      return .object(result)
    default: return value
    }
  }
}
