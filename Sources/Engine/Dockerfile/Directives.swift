/// The `# name=value` lines that may stand before everything else.
struct Directives {
  private(set) var escape: Unicode.Scalar = "\\"
  private(set) var syntax: String?
  private var seen: Set<String> = []
  private var mayFollow = true

  /// Takes one line, blanks in front removed; the first that is no directive ends them.
  mutating func see(_ line: [Unicode.Scalar]) throws(Complaint) {
    guard mayFollow else { return }
    guard let (name, value) = directive(in: line) else {
      mayFollow = false
      return
    }
    guard seen.insert(name).inserted else { throw Complaint("only one \(name) parser directive can be used") }
    switch name {
    case "escape":
      guard value == "\\" || value == "`", let character = value.unicodeScalars.first else {
        throw Complaint("invalid escape token '\(value)' does not match ` or \\")
      }
      escape = character
    case "syntax": syntax = value
    default: break
    }
  }

  private func directive(in line: [Unicode.Scalar]) -> (name: String, value: String)? {
    guard line.first == "#", let (key, value) = String(String.UnicodeScalarView(line.dropFirst())).keyAndValue
    else {
      return nil
    }
    let name = key.trimmed.lowercased()
    guard ["escape", "syntax", "check"].contains(name), !value.trimmed.isEmpty else { return nil }
    return (name, value.trimmed)
  }
}
