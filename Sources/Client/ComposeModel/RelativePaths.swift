import JSON
import PathPatterns

/// Makes the paths of a compose file absolute, or relative to somewhere else.
struct RelativePaths {
  let base: String
  let home: String?
  let files: any ComposeFiles

  func resolve(_ tree: JSONObject) throws(ComposeError) -> JSONObject {
    var result = tree
    if case .object(var services) = tree["services"] {
      for (name, value) in services {
        if case .object(let service) = value { services[name] = .object(try resolve(service: service)) }
      }
      result["services"] = .object(services)
    }
    for section in ["configs", "secrets"] {
      guard case .object(var members) = tree[section] else { continue }
      for (name, value) in members { members[name] = change(value, "file", mountPath) }
      result[section] = .object(members)
    }
    if case .object(var volumes) = tree["volumes"] {
      for (name, value) in volumes { volumes[name] = localVolume(value) }
      result["volumes"] = .object(volumes)
    }
    return result
  }

  private func resolve(service: JSONObject) throws(ComposeError) -> JSONObject {
    var result = service
    if let build = service["build"] { result["build"] = resolve(build: build) }
    if case .array(let files) = service["env_file"] {
      result["env_file"] = .array(files.map { change($0, "path", path) })
    }
    if case .array(let files) = service["label_file"] {
      result["label_file"] = .array(files.map { $0.string.map { .string(path($0)) } ?? $0 })
    }
    if let extends = service["extends"] { result["extends"] = change(extends, "file", path) }
    if case .array(let volumes) = service["volumes"] {
      var resolved: [JSONValue] = []
      for volume in volumes { resolved.append(try resolve(volume: volume)) }
      result["volumes"] = .array(resolved)
    }
    if case .object(var develop) = service["develop"], case .array(let triggers) = develop["watch"] {
      develop["watch"] = .array(triggers.map { change($0, "path") { files.resolved(path($0)) } })
      result["develop"] = .object(develop)
    }
    return result
  }

  private func change(_ value: JSONValue, _ key: String, _ body: (String) -> String) -> JSONValue {
    guard case .object(var object) = value, case .string(let text) = object[key] else { return value }
    object[key] = .string(body(text))
    return .object(object)
  }

  private func resolve(build: JSONValue) -> JSONValue {
    guard case .object(var build) = change(build, "context", context) else { return build }
    if case .object(var contexts) = build["additional_contexts"] {
      for (name, value) in contexts { contexts[name] = value.string.map { .string(context($0)) } ?? value }
      build["additional_contexts"] = .object(contexts)
    }
    if case .object(var keys) = build["ssh"] {
      for (name, value) in keys { keys[name] = value.string.map { .string(mountPath($0)) } ?? value }
      build["ssh"] = .object(keys)
    }
    return .object(build)
  }

  private func resolve(volume: JSONValue) throws(ComposeError) -> JSONValue {
    guard case .object(let mount) = volume, mount["type"]?.string == "bind" else { return volume }
    guard mount["source"] != nil else {
      throw ComposeError(#"invalid mount config for type "bind": field Source must not be empty"#)
    }
    return change(volume, "source", mountPath)
  }

  private func localVolume(_ value: JSONValue) -> JSONValue {
    guard case .object(var volume) = value, volume["driver"]?.string == "local",
      let options = volume["driver_opts"], options["o"]?.string == "bind"
    else { return value }
    volume["driver_opts"] = change(options, "device", mountPath)
    return .object(volume)
  }

  private func expandHome(_ path: String) -> String {
    guard path.hasPrefix("~"), let home else { return path }
    return SlashPath.clean(home + "/" + path.dropFirst())
  }

  private func path(_ path: String) -> String {
    let path = expandHome(path)
    return path.isEmpty || path.hasPrefix("/") ? path : SlashPath.join(base, path)
  }

  private func mountPath(_ path: String) -> String {
    let path = expandHome(path)
    return path.hasPrefix("/") || isWindows(path) ? path : SlashPath.join(base, path)
  }

  private func isWindows(_ path: String) -> Bool {
    let head = Array(path.prefix(3))
    if path.hasPrefix("\\\\") { return true }
    return head.count == 3 && head[0].isLetter && head[1] == ":" && (head[2] == "\\" || head[2] == "/")
  }

  private func context(_ context: String) -> String {
    let remote = ["https://", "http://", "git://", "ssh://", "github.com/", "git@", "service:"]
    return context.contains("://") || remote.contains(where: context.hasPrefix) ? context : path(context)
  }
}
