import JSON
import TextFormats

/// What a merged file leaves unsaid, and what it may not say.
enum Defaults {
  /// Fills in what has a default.
  static func fill(_ tree: JSONObject) throws(ComposeError) -> JSONObject {
    guard case .object(var services) = tree["services"] else { return tree }
    for (name, value) in services {
      guard case .object(let service) = value else { continue }
      services[name] = .object(try fill(service: service, TreePath("services", name)))
    }
    var result = tree
    result["services"] = .object(services)
    return result
  }

  private static func fill(service: JSONObject, _ path: TreePath) throws(ComposeError) -> JSONObject {
    var result = service
    if case .object(var build) = service["build"], build["context"] == nil {
      build["context"] = "."
      result["build"] = .object(build)
    }
    if case .array(let secrets) = service["secrets"] {
      result["secrets"] = .array(secrets.map(fill(secret:)))
    }
    if case .array(let ports) = service["ports"] { result["ports"] = .array(ports.map(fill(port:))) }
    if case .array(let gpus) = service["gpus"] { result["gpus"] = .array(gpus.map(fill(device:))) }
    if case .object(var deploy) = service["deploy"], case .object(var resources) = deploy["resources"],
      case .object(var reservations) = resources["reservations"],
      case .array(let devices) = reservations["devices"]
    {
      reservations["devices"] = .array(devices.map(fill(device:)))
      resources["reservations"] = .object(reservations)
      deploy["resources"] = .object(resources)
      result["deploy"] = .object(deploy)
    }
    return result
  }

  private static func fill(secret: JSONValue) -> JSONValue {
    guard case .object(var mount) = secret, mount["target"] == nil else { return secret }
    mount["target"] = .string("/run/secrets/\(mount["source"]?.goText ?? "")")
    return .object(mount)
  }

  private static func fill(port: JSONValue) -> JSONValue {
    guard case .object(var port) = port else { return port }
    if port["protocol"] == nil { port["protocol"] = "tcp" }
    if port["mode"] == nil { port["mode"] = "ingress" }
    return .object(port)
  }

  private static func fill(device: JSONValue) -> JSONValue {
    guard case .object(var device) = device, device["count"] == nil, device["device_ids"] == nil else {
      return device
    }
    device["count"] = "all"
    return .object(device)
  }

  /// Checks what the schema cannot say.
  static func check(_ tree: JSONObject) throws(ComposeError) {
    for (name, value) in tree["volumes"]?.object ?? [:] {
      try checkExternal(value, TreePath("volumes", name))
    }
    for (name, value) in tree["configs"]?.object ?? [:] {
      try checkSource(value, TreePath("configs", name), ["file", "environment", "content"])
    }
    for (name, value) in tree["secrets"]?.object ?? [:] {
      try checkSource(value, TreePath("secrets", name), ["file", "environment"])
    }
    for (name, value) in tree["services"]?.object ?? [:] {
      if case .object(let service) = value { try check(service: service, TreePath("services", name)) }
    }
  }

  private static func checkExternal(_ value: JSONValue, _ path: TreePath) throws(ComposeError) {
    guard case .object(let object) = value, object["external"]?.bool == true else { return }
    for key in object.keys where key != "name" && key != "external" && !key.hasPrefix("x-") {
      throw ComposeError("\(path): conflicting parameters \"external\" and \(GoQuote.text(key)) specified")
    }
  }

  private static func checkSource(_ value: JSONValue, _ path: TreePath, _ keys: [String]) throws(ComposeError)
  {
    guard case .object(let object) = value else { return }
    let count = keys.filter { object[$0] != nil }.count
    let list = keys.joined(separator: "|")
    if count > 1 { throw ComposeError("\(path): \(list) attributes are mutually exclusive") }
    if count == 0, object["driver"] == nil, object["external"] == nil {
      throw ComposeError("\(path): one of \(list) must be set")
    }
  }

  private static func check(service: JSONObject, _ path: TreePath) throws(ComposeError) {
    for port in service["ports"]?.array ?? [] {
      if let address = port["host_ip"]?.string, !PortSpec.isAddress(address) {
        throw ComposeError("\(path.next("ports").next("[]")): invalid ip address: \(address)")
      }
    }
    for trigger in service["develop"]?["watch"]?.array ?? [] where trigger["path"]?.string == "" {
      throw ComposeError(
        "\(path.next("develop").next("watch").next("[]").next("path")): value can't be blank")
    }
    let reserved = path.next("deploy").next("resources").next("reservations").next("devices")
    try checkDevices(service["deploy"]?["resources"]?["reservations"]?["devices"], reserved)
    try checkDevices(service["gpus"], path.next("gpus"))
  }

  private static func checkDevices(_ value: JSONValue?, _ path: TreePath) throws(ComposeError) {
    for device in value?.array ?? [] where device["count"] != nil && device["device_ids"] != nil {
      throw ComposeError("\(path.next("[]")): \"count\" and \"device_ids\" attributes are exclusive")
    }
  }
}
