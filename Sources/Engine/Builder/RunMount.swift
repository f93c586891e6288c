import EngineErrors
import Flags
import PathPatterns
import TextFormats

/// `RUN --mount=type=…`, as BuildKit reads it.
struct RunMount: Sendable, Equatable {
  enum Kind: Sendable, Equatable {
    /// Files of the build context, or of a stage or image.
    case bind(from: String?, source: String)
    /// A directory that outlives the build, by name; new ones may begin with what a stage or image has.
    case cache(id: String, Sharing, from: String?, source: String)
    case memory(size: Int64?)
    /// A file, a variable, or both.
    case secret(id: String, variable: String?, isFile: Bool)
    /// A socket of the client's ssh agent.
    case agent(id: String)
  }
  /// What happens to a cache that two steps want at the same time.
  enum Sharing: String, Sendable, CaseIterable { case shared, `private`, locked }

  let kind: Kind
  /// Absolute and cleaned.
  let target: String
  let readOnly: Bool
  /// A secret or agent that is not there fails the step.
  let isRequired: Bool
  let mode: UInt32?
  let uid: UInt32?
  let gid: UInt32?

  /// Where an agent's socket stands that names no place, as with BuildKit.
  static func agentTarget(_ index: Int) -> String { "/run/buildkit/ssh_agent.\(index)" }

  /// The stage or image that a mount takes files from, before anything else of it is read.
  static func from(_ text: String) -> String? {
    text.split(separator: ",").first { $0.lowercased().hasPrefix("from=") }.map { String($0.dropFirst(5)) }
  }

  /// Variables are replaced already. A relative target is seen from `directory`.
  init(_ text: String, in directory: String) throws(EngineError) {
    let fields = try RunMountFields(text)
    let type = fields["type"]?.lowercased() ?? "bind"
    try fields.check(type)
    mode = try fields.number("mode", radix: 8)
    uid = try fields.number("uid")
    gid = try fields.number("gid")
    isRequired = try fields.flag("required") ?? false
    let isWritable = try fields.flag("readwrite") ?? ["cache", "tmpfs"].contains(type)
    if let given = try fields.flag("readonly") { readOnly = given } else { readOnly = !isWritable }
    let given = fields["target"] ?? ""
    (kind, target) = try Self.kind(type, fields, given.isEmpty ? "" : SlashPath.join(directory, given))
    guard target != "/" else { throw fields.complaint("invalid mount target \"\(given)\"") }
  }

  private static func kind(
    _ type: String, _ fields: RunMountFields, _ target: String
  ) throws(EngineError) -> (Kind, String) {
    let source = SlashPath.join("/", fields["source"] ?? "")
    switch type {
    case "secret": return try secret(fields, target)
    case "ssh":
      return (.agent(id: fields["id"] ?? "default"), target.isEmpty ? agentTarget(0) : target)
    default: break
    }
    guard !target.isEmpty else { throw fields.complaint("target is missing") }
    switch type {
    case "cache":
      let sharing = fields["sharing"]?.lowercased() ?? "shared"
      guard let sharing = Sharing(rawValue: sharing) else {
        throw fields.complaint("unsupported sharing value \"\(sharing)\": it is shared, private or locked")
      }
      return (.cache(id: fields["id"] ?? target, sharing, from: fields["from"], source: source), target)
    case "tmpfs": return (.memory(size: try fields.size()), target)
    default: return (.bind(from: fields["from"], source: source), target)
    }
  }

  private static func secret(
    _ fields: RunMountFields, _ target: String
  ) throws(EngineError) -> (Kind, String) {
    if fields["source"] != nil, fields["id"] != nil {
      throw fields.complaint("both source and id can't be set")
    }
    guard let id = fields["source"] ?? fields["id"] ?? (target.isEmpty ? nil : SlashPath.base(target)) else {
      throw fields.complaint("invalid secret mount. one of source, target required")
    }
    let variable = fields["env"].map { $0.isEmpty ? id : $0 }
    let isFile = variable == nil || !target.isEmpty
    let file = target.isEmpty ? "/run/secrets/\(SlashPath.base(id))" : target
    return (.secret(id: id, variable: variable, isFile: isFile), file)
  }
}

/// The fields of a mount, by their first names.
private struct RunMountFields {
  let text: String
  private var values: [String: String] = [:]

  private static let names = [
    "type": "type", "from": "from", "source": "source", "src": "source", "target": "target", "dst": "target",
    "destination": "target", "readonly": "readonly", "ro": "readonly", "readwrite": "readwrite",
    "rw": "readwrite",
    "id": "id", "sharing": "sharing", "required": "required", "size": "size", "mode": "mode", "uid": "uid",
    "gid": "gid",
    "env": "env",
  ]
  /// Those that need no value.
  private static let switches: Set = ["readonly", "readwrite", "required"]
  /// Those that only some types have.
  private static let owners: [String: Set<String>] = [
    "sharing": ["cache"], "required": ["secret", "ssh"], "size": ["tmpfs"], "env": ["secret"],
    "mode": ["secret", "ssh", "cache"], "uid": ["secret", "ssh", "cache"], "gid": ["secret", "ssh", "cache"],
    "from": ["bind", "cache", "tmpfs"], "source": ["bind", "cache", "tmpfs", "secret"],
  ]

  init(_ text: String) throws(EngineError) {
    self.text = text
    for field in text.split(separator: ",") {
      let equals = field.firstIndex(of: "=")
      let key = (equals.map { field[..<$0] } ?? field).lowercased()
      guard let name = Self.names[key] else { throw complaint("unexpected key '\(key)' in '\(field)'") }
      guard let equals else {
        guard Self.switches.contains(name) else {
          throw complaint("invalid field '\(field)' must be a key=value pair")
        }
        values[name] = "true"
        continue
      }
      values[name] = String(field[field.index(after: equals)...])
    }
  }

  /// nil where it is not given.
  subscript(name: String) -> String? { values[name] }

  func complaint(_ words: String) -> EngineError {
    EngineError(.invalidArgument, "RUN --mount=\(text): \(words)")
  }

  func check(_ type: String) throws(EngineError) {
    guard ["bind", "cache", "tmpfs", "secret", "ssh"].contains(type) else {
      throw complaint("unsupported mount type \"\(type)\": it is bind, cache, tmpfs, secret or ssh")
    }
    for (name, owners) in Self.owners.sorted(by: { $0.key < $1.key })
    where values[name] != nil && !owners.contains(type) {
      throw complaint("unexpected key '\(name)' for mount type '\(type)'")
    }
  }

  func flag(_ name: String) throws(EngineError) -> Bool? {
    guard let value = values[name] else { return nil }
    guard let flag = GoValues.bool(value) else { throw complaint("invalid value for \(name): \(value)") }
    return flag
  }

  func number(_ name: String, radix: Int = 10) throws(EngineError) -> UInt32? {
    guard let value = values[name] else { return nil }
    guard let number = UInt32(value, radix: radix), radix != 8 || number <= 0o7777 else {
      throw complaint("invalid value \(value) for \(name)")
    }
    return number
  }

  func size() throws(EngineError) -> Int64? {
    guard let value = values["size"] else { return nil }
    do { return try ByteSize.parse(value) } catch { throw complaint("invalid value for size: \(value)") }
  }
}
