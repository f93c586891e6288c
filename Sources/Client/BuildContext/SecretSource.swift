import Linux

/// Where the value of a build's secret comes from.
public enum SecretSource: Hashable, Sendable {
  case file(String)
  case variable(String)

  /// `id=NAME[,src=FILE | ,env=VARIABLE][,type=file|env]`, as docker reads it. Without a source it is the variable of that
  /// name, else the file.
  public static func parse(_ text: String) throws(BuildContextError) -> (id: String, source: SecretSource) {
    var fields: [String: String] = [:]
    for field in text.split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let name = parts[0].lowercased()
      guard parts.count == 2 else { throw .secret(text, "invalid field '\(field)' must be a key=value pair") }
      guard ["id", "type", "src", "source", "env"].contains(name) else {
        throw .secret(text, "unexpected key '\(parts[0])' in '\(field)'")
      }
      fields[name == "source" ? "src" : name] = parts[1]
    }
    guard let id = fields["id"], !id.isEmpty else { throw .secret(text, "an id is missing: id=NAME") }
    return (id, try source(id, fields, text))
  }

  private static func source(
    _ id: String, _ fields: [String: String], _ text: String
  ) throws(BuildContextError) -> SecretSource {
    switch fields["type"] {
    case nil: break
    case "file": return .file(fields["src"] ?? id)
    case "env": return .variable(fields["env"] ?? fields["src"] ?? id)
    case let type?: throw .secret(text, "unsupported secret type \"\(type)\": it is file or env")
    }
    if let name = fields["env"] { return .variable(name) }
    if let path = fields["src"] { return .file(path) }
    return Environment.value(id) == nil ? .file(id) : .variable(id)
  }

  /// The value, of at most `limit` bytes. Blocks.
  public func read(
    id: String, limit: Int, variables: (String) -> String? = Environment.value
  ) throws(BuildContextError) -> [UInt8] {
    let value: [UInt8]
    switch self {
    case .variable(let name):
      guard let text = variables(name) else {
        throw .secret(id, "the environment variable \(name) is not set")
      }
      value = Array(text.utf8)
    case .file(let path):
      do { value = try Self.read(path, limit: limit) } catch { throw .secret(id, "\(error)") }
    }
    guard value.count <= limit else { throw .secret(id, "larger than \(limit >> 10) KiB") }
    return value
  }

  private static func read(_ path: String, limit: Int) throws(SyscallError) -> [UInt8] {
    let file = try FileDescriptor.open(path, [.readOnly])
    var value: [UInt8] = []
    while value.count <= limit {
      let bytes = try file.read(upTo: 1 << 16)
      if bytes.isEmpty { break }
      value += bytes
    }
    return value
  }
}
