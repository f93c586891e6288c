import TextFormats

/// The `--name=value` flags of one instruction.
struct InstructionFlags {
  enum Kind { case text, switched, list }
  private var values: [String: [String]] = [:]

  init(_ flags: [String], allowing known: [String: Kind]) throws(Complaint) {
    for flag in flags {
      let (name, value) =
        flag.dropFirst(2).keyAndValue.map { ($0.key, Optional($0.value)) } ?? (String(flag.dropFirst(2)), nil)
      guard let kind = known[name] else {
        throw Complaint("unknown flag: --\(name)" + Suggestion.suffix(for: name, among: known.keys.sorted()))
      }
      if kind != .list, values[name] != nil { throw Complaint("duplicate flag specified: --\(name)") }
      switch kind {
      case .switched:
        let value = (value ?? "true").lowercased()
        guard value == "true" || value == "false" else {
          throw Complaint("expecting boolean value for flag --\(name), not: \(value)")
        }
        values[name] = [value]
      case .text, .list:
        guard let value, !value.isEmpty || kind == .text else {
          throw Complaint("missing a value on flag: --\(name)")
        }
        values[name, default: []].append(value)
      }
    }
  }

  func text(_ name: String) -> String { values[name]?.first ?? "" }
  func list(_ name: String) -> [String] { values[name] ?? [] }
  func isOn(_ name: String) -> Bool { values[name] == ["true"] }
  /// nil where it is not given.
  func given(_ name: String) -> Bool? { values[name].map { $0 == ["true"] } }
}
