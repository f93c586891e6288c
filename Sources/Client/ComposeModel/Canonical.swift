import JSON
import TextFormats

/// Turns short syntaxes into long ones, so that everything after sees one form only.
struct Canonical {
  /// Leaves what cannot be read as it is: it may hold variables that are not filled in.
  let lenient: Bool
  let warn: (String) -> Void

  func transform(_ tree: JSONObject) throws(ComposeError) -> JSONObject {
    var result = tree
    try each("services", in: &result) { (service, path) throws(ComposeError) in
      guard case .object(let object) = service else { return service }
      return .object(try self.service(object, path))
    }
    for section in ["volumes", "networks", "secrets", "configs"] {
      try each(section, in: &result) { (resource, path) throws(ComposeError) in
        try self.resource(resource, path)
      }
    }
    if case .array(let includes) = tree["include"] {
      result["include"] = .array(includes.map { $0.string.map { ["path": .string($0)] } ?? $0 })
    }
    return result
  }

  private func each(
    _ section: String, in tree: inout JSONObject,
    _ body: (JSONValue, TreePath) throws(ComposeError) -> JSONValue
  ) throws(ComposeError) {
    guard case .object(var members) = tree[section] else { return }
    for (name, value) in members { members[name] = try body(value, TreePath(section, name)) }
    tree[section] = .object(members)
  }

  private func change(
    _ key: String, of object: inout JSONObject, _ path: TreePath,
    _ body: (JSONValue, TreePath) throws(ComposeError) -> JSONValue
  ) throws(ComposeError) {
    guard let value = object[key] else { return }
    object[key] = try body(value, path.next(key))
  }

  private func changeItems(
    _ key: String, of object: inout JSONObject, _ path: TreePath,
    _ body: (JSONValue, TreePath) throws(ComposeError) -> JSONValue
  ) throws(ComposeError) {
    switch object[key] {
    case .array(let items):
      var changed: [JSONValue] = []
      for item in items { changed.append(try body(item, path.next(key).next("[]"))) }
      object[key] = .array(changed)
    case .object(var members):
      for (name, value) in members { members[name] = try body(value, path.next(key).next(name)) }
      object[key] = .object(members)
    default: break
    }
  }

  private func service(_ service: JSONObject, _ path: TreePath) throws(ComposeError) -> JSONObject {
    var result = service
    try change("build", of: &result, path, build)
    try change("depends_on", of: &result, path, dependsOn)
    try change("env_file", of: &result, path, envFile)
    for key in ["label_file", "dns"] { try change(key, of: &result, path) { value, _ in Self.list(value) } }
    try change("extends", of: &result, path) { value, _ in
      value.string.map { ["service": .string($0)] } ?? value
    }
    try change("gpus", of: &result, path) { value, _ in value.string == nil ? value : [["count": "all"]] }
    for key in ["networks", "models"] { try change(key, of: &result, path) { value, _ in Self.names(value) } }
    try changeItems("volumes", of: &result, path, volume)
    try changeItems("devices", of: &result, path, device)
    for key in ["secrets", "configs"] { try changeItems(key, of: &result, path, fileMount) }
    try change("ports", of: &result, path, ports)
    try changeItems("ulimits", of: &result, path, ulimit)
    try change("develop", of: &result, path, develop)
    return result
  }

  private static func list(_ value: JSONValue) -> JSONValue { value.string == nil ? value : [value] }

  private static func names(_ value: JSONValue) -> JSONValue {
    guard case .array(let names) = value else { return value }
    return .object(JSONObject(names.compactMap { name in name.string.map { ($0, .null) } }))
  }

  private func build(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    if case .string = value { return ["context": value] }
    guard case .object(var build) = value else {
      throw ComposeError("\(path): invalid type \(value.goType) for build")
    }
    for key in ["provenance", "sbom"] {
      try change(key, of: &build, path) { value, _ in .string(value.goText) }
    }
    try change("additional_contexts", of: &build, path, keyValues)
    try change("ssh", of: &build, path, ssh)
    try changeItems("secrets", of: &build, path, fileMount)
    try changeItems("ulimits", of: &build, path, ulimit)
    return .object(build)
  }

  private func keyValues(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .array(let items) = value else { return value }
    var result = JSONObject()
    for item in items {
      let text = item.goText
      guard let mark = text.firstIndex(of: "=") else {
        if lenient { return value }
        throw ComposeError("\(path): invalid value \(text), expected key=value")
      }
      result[String(text[..<mark])] = .string(String(text[text.index(after: mark)...]))
    }
    return .object(result)
  }

  private func ssh(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .array(let items) = value else { return value }
    var result = JSONObject()
    for item in items {
      let text = item.goText
      if let mark = text.firstIndex(of: "=") {
        result[String(text[..<mark])] = .string(String(text[text.index(after: mark)...]))
      } else {
        guard text == "default" else { throw ComposeError("invalid ssh key \(GoQuote.text(text))") }
        result[text] = .null
      }
    }
    return .object(result)
  }

  private func dependsOn(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    switch value {
    case .array(let names):
      return .object(
        JSONObject(
          names.compactMap { name in
            name.string.map { ($0, ["condition": "service_started", "required": true]) }
          }))
    case .object(var members):
      for (name, entry) in members {
        guard case .object(var dependency) = entry else {
          throw ComposeError("\(path).\(name): unsupported value \(value.goText)")
        }
        if dependency["condition"] == nil { dependency["condition"] = "service_started" }
        if dependency["required"] == nil { dependency["required"] = true }
        members[name] = .object(dependency)
      }
      return .object(members)
    default: throw ComposeError("\(path): invalid type \(value.goType) for depend_on")
    }
  }

  private func envFile(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    func entry(_ item: JSONValue) -> JSONValue {
      switch item {
      case .string: return ["path": item, "required": true]
      case .object(var file):
        if file["required"] == nil { file["required"] = true }
        return .object(file)
      default: return .null
      }
    }
    switch value {
    case .string: return [entry(value)]
    case .array(let items): return .array(items.map(entry))
    default: throw ComposeError("\(path): invalid type \(value.goType) for env_file")
    }
  }

  private func volume(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    switch value {
    case .object: return value
    case .string(let spec):
      do { return .object(try VolumeSpec.parse(spec)) } catch {
        if lenient { return value }
        throw error
      }
    default: throw ComposeError("\(path): invalid type \(value.goType) for service volume mount")
    }
  }

  private func device(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .string(let text) = value else { return value }
    let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard parts.count <= 3 || lenient else {
      throw ComposeError("confusing device mapping, please use long syntax: \(text)")
    }
    guard parts.count <= 3 else { return ["source": "", "target": "", "permissions": "rwm"] }
    let target = parts.count > 1 && !parts[1].isEmpty ? parts[1] : parts[0]
    return [
      "source": .string(parts[0]), "target": .string(target),
      "permissions": .string(parts.count > 2 ? parts[2] : "rwm"),
    ]
  }

  private func fileMount(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    switch value {
    case .object: return value
    case .string: return ["source": value]
    default: throw ComposeError("\(path): unsupported type \(value.goType)")
    }
  }

  private func ports(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .array(let items) = value else {
      throw ComposeError("\(path): invalid type \(value.goType) for port")
    }
    var result: [JSONValue] = []
    for item in items {
      switch item {
      case .object: result.append(item)
      case .string, .integer:
        do { result += try PortSpec.parse(item.goText).map(JSONValue.object) } catch {
          if lenient { return value }
          throw error
        }
      default: throw ComposeError("\(path): invalid type \(item.goType) for port")
      }
    }
    return .array(result)
  }

  private func ulimit(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    switch value {
    case .object, .integer: return value
    default: throw ComposeError("\(path): invalid type \(value.goType) for external")
    }
  }

  private func develop(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .object(var develop) = value else { return value }
    try changeItems("watch", of: &develop, path) { (item, path) throws(ComposeError) in
      guard case .object(var trigger) = item else { return item }
      for key in ["ignore", "include"] {
        try change(key, of: &trigger, path) { value, _ in Self.list(value) }
      }
      return .object(trigger)
    }
    return .object(develop)
  }

  private func resource(_ value: JSONValue, _ path: TreePath) throws(ComposeError) -> JSONValue {
    guard case .object(var resource) = value, case .object(let external) = resource["external"] else {
      return value
    }
    resource["external"] = true
    guard let name = external["name"] else { return .object(resource) }
    warn("\(path): external.name is deprecated. Please set name and external: true")
    if let own = resource["name"], own != name {
      throw ComposeError("\(path): name and external.name conflict; only use name")
    }
    resource["name"] = name
    return .object(resource)
  }
}
