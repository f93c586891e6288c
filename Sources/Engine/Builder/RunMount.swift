import EngineErrors
import Hashing
import PathPatterns

/// `RUN --mount=type=…`.
struct RunMount: Sendable {
  enum Kind: Sendable, Equatable {
    /// A directory that outlives the build, by name.
    case cache(name: String, mode: UInt32)
    case memory(size: Int64?)
    /// Files of the build context.
    case context(source: String)
  }

  let kind: Kind
  let target: String
  let readOnly: Bool

  init(_ text: String) throws(EngineError) {
    var fields: [String: String] = [:]
    for field in text.split(separator: ",") {
      let parts = field.split(separator: "=", maxSplits: 1).map(String.init)
      fields[parts[0].lowercased()] = parts.count > 1 ? parts[1] : "true"
    }
    let target = fields["target"] ?? fields["dst"] ?? fields["destination"] ?? ""
    guard !target.isEmpty else {
      throw EngineError(.invalidArgument, "RUN --mount=\(text): target is missing")
    }
    self.target = SlashPath.join("/", target)
    readOnly = ["true", "1"].contains(fields["ro"] ?? fields["readonly"] ?? "false")
    switch fields["type"] ?? "bind" {
    case "tmpfs": kind = .memory(size: fields["size"].flatMap { Int64($0) })
    case "cache":
      let name = SHA256.hex(of: fields["id"] ?? self.target)
      kind = .cache(
        name: String(name.prefix(32)), mode: fields["mode"].flatMap { UInt32($0, radix: 8) } ?? 0o755)
    case "bind" where fields["from"] == nil:
      kind = .context(source: SlashPath.join("/", fields["source"] ?? fields["src"] ?? "/"))
    default:
      throw EngineError(
        .notImplemented,
        "RUN --mount=\(text): only cache, tmpfs and bind from the build context are known to this builder")
    }
  }
}
