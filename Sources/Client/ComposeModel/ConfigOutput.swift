import Hashing
import JSON
import YAML

extension Project {
  /// The project as `config` prints it in YAML.
  public func yaml() -> String { YAML.write(canonical(.yaml)) }

  /// The project as `config --format json` prints it.
  public func json() -> String { GoJSON.indented(canonical(.json)) }

  private func canonical(_ format: ShapeWriter.Format) -> JSONValue {
    let writer = ShapeWriter(format)
    var result = JSONObject()
    if !name.isEmpty || format == .json { result["name"] = .string(name) }
    var fields = JSONObject()
    for (name, service) in services { fields[name] = .object(service.fields) }
    result["services"] = writer.write("service", members: fields)
    let sections = [
      ("networks", "network", networks), ("volumes", "volume", volumes),
      ("secrets", "file", secrets.mapValues(Self.hidden)),
      ("configs", "file", configs.mapValues(Self.shown)), ("models", "model", models),
    ]
    for (section, part, members) in sections
    where !members.isEmpty && !(format == .json && section == "models") {
      result[section] = writer.write(part, members: JSONObject(members.map { ($0.key, .object($0.value)) }))
    }
    let own = JSONObject(extensions.map { ($0.key, $0.value) })
    for (key, value) in writer.sorted(.object(own)).object ?? [:] { result[key] = value }
    return format == .json ? GoJSON.topSorted(result) : .object(result)
  }

  /// A secret without its value.
  private static func hidden(_ secret: JSONObject) -> JSONObject {
    var result = secret
    result["content"] = nil
    result[EnvironmentValues.secretKey] = nil
    return result
  }

  /// A config without the value that came from outside.
  private static func shown(_ config: JSONObject) -> JSONObject {
    var result = config
    if config["environment"] != nil { result["content"] = nil }
    return result
  }

  /// A free tree in YAML, keys sorted; for `config --no-interpolate`.
  public static func yaml(of tree: JSONObject) -> String {
    YAML.write(ShapeWriter(.yaml).sorted(.object(tree)))
  }

  /// A free tree in JSON, keys sorted.
  public static func json(of tree: JSONObject) -> String {
    GoJSON.indented(ShapeWriter(.json).sorted(.object(tree)))
  }
}

/// JSON as Go's `MarshalIndent` lays it out, with two spaces.
enum GoJSON {
  static func indented(_ value: JSONValue) -> String {
    let text = String(decoding: JSON.encode(value, as: .docker, pretty: true), as: UTF8.self)
    let lines: [Substring] = text.split(separator: "\n" as Character, omittingEmptySubsequences: false)
    return lines.map { (line: Substring) -> String in
      let margin = line.prefix { $0 == " " }.count
      return String(repeating: " ", count: margin / 2) + line.dropFirst(margin)
    }.joined(separator: "\n")
  }

  static func topSorted(_ object: JSONObject) -> JSONValue {
    .object(
      JSONObject(
        object.members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }.map {
          ($0.key, $0.value)
        }))
  }
}

/// The hashes by which docker compose tells that a container, network or volume no longer is what the files say.
public enum ConfigHash {
  /// Of a service, without what may change while its containers stay: build, scale, dependencies, profiles.
  public static func of(_ service: Service) -> String {
    var fields = service.fields
    for key in ["build", "pull_policy", "scale", "depends_on", "profiles"] { fields[key] = nil }
    if case .object(var deploy) = fields["deploy"] {
      deploy["replicas"] = nil
      fields["deploy"] = .object(deploy)
    }
    return hash("service", fields)
  }

  public static func ofNetwork(_ network: JSONObject) -> String { hash("network", network) }

  public static func ofVolume(_ volume: JSONObject) -> String {
    var fields = volume
    if fields["driver"] == nil { fields["driver"] = "local" }
    return hash("volume", fields)
  }

  private static func hash(_ part: String, _ fields: JSONObject) -> String {
    let bytes = JSON.encode(ShapeWriter(.json).write(part, fields), as: .docker)
    return Hex.text(SHA256.hash(bytes))
  }
}
