import Linux

/// Variables from flags and files.
enum VariableFiles {
  /// The lines `NAME=value` of files, then words. A name alone takes the value it has here; unset, it is left out.
  static func read(files: [String], words: [String]) throws -> [String] {
    var variables: [String] = []
    for file in files { variables += try lines(of: file) }
    for word in words {
      if word.contains("=") {
        variables.append(word)
      } else if let value = Environment.value(word) {
        variables.append("\(word)=\(value)")
      }
    }
    return variables
  }

  private static func lines(of file: String) throws -> [String] {
    var variables: [String] = []
    var text: String
    do throws(SyscallError) { text = try Files.text(file) } catch {
      let words = "\(error.call.text) \(file): \(goReason(error))"
      throw CommandFailure(error.errno == .noSuchFile ? words : "invalid env file (\(file)): \(words)")
    }
    if text.hasPrefix("\u{FEFF}") { text.removeFirst() }
    for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let line = line.hasSuffix("\r") ? line.dropLast() : line
      let trimmed = line.drop { $0 == " " || $0 == "\t" }
      if trimmed.isEmpty || trimmed.hasPrefix("#") { continue }
      let parts = trimmed.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0])
      guard !name.isEmpty else {
        throw CommandFailure("invalid env file (\(file)): no variable name on line '\(line)'")
      }
      guard !name.contains(where: { $0 == " " || $0 == "\t" }) else {
        throw CommandFailure(
          "invalid env file (\(file)): variable '\(name)' contains whitespaces (line \(number + 1))")
      }
      if parts.count > 1 {
        variables.append("\(name)=\(parts[1])")
      } else if let value = Environment.value(name) {
        variables.append("\(name)=\(value)")
      }
    }
    return variables
  }

  /// Labels: `name=value` lines of files, then words; a word that is a name alone is an empty label.
  static func labels(files: [String], words: [String]) throws -> [String: String] {
    var lines: [String] = []
    for file in files {
      // In a file, docker leaves a name alone out.
      lines += try Files.text(file).split(separator: "\n").map {
        $0.hasSuffix("\r") ? String($0.dropLast()) : String($0)
      }
      .filter { $0.contains("=") && !$0.hasPrefix("#") }
    }
    var labels: [String: String] = [:]
    for line in lines + words {
      let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = parts.first, !name.isEmpty else {
        throw CommandFailure("invalid label '\(line)': empty name")
      }
      labels[String(name)] = parts.count > 1 ? String(parts[1]) : ""
    }
    return labels
  }
}
