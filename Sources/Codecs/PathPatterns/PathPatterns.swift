/// An ordered list of patterns; the last one that covers a path, or a directory above it, decides.
public struct PathPatterns: Sendable {
  private struct Pattern: Sendable {
    let glob: Glob
    let takesBack: Bool
  }

  private let patterns: [Pattern]

  /// Which patterns cover a directory; what lies below it inherits them.
  public struct Covered: Sendable {
    fileprivate let by: [Bool]
  }

  /// Throws for a pattern that is not well formed, and for a lone `!`.
  public init(_ texts: some Sequence<String>) throws(PatternError) {
    var patterns: [Pattern] = []
    for text in texts {
      let trimmed = IgnoreFile.trim(text[...])
      guard !trimmed.isEmpty else { continue }
      var clean = SlashPath.clean(String(trimmed))
      let takesBack = clean.utf8.first == UInt8(ascii: "!")
      if takesBack {
        clean.removeFirst()
        guard !clean.isEmpty else {
          throw PatternError(pattern: "!", reason: "illegal exclusion pattern: \"!\"")
        }
      }
      patterns.append(Pattern(glob: try Glob(clean, .ignoreFile), takesBack: takesBack))
    }
    self.patterns = patterns
  }

  public var isEmpty: Bool { patterns.isEmpty }

  /// Whether something below an excluded directory may be taken back in, so that it must be looked at.
  public var takesBack: Bool { patterns.contains { $0.takesBack } }

  /// Whether `path` (relative, cleaned) is covered, by its own name or through a directory above it.
  public func cover(_ path: String) -> Bool {
    deciding(path) != nil
  }

  /// The index of the pattern because of which `path` is covered, or nil where it is not.
  public func deciding(_ path: String) -> Int? {
    var above: Covered?
    var decision: Int?
    var prefix = ""
    for element in path.split(separator: "/") {
      prefix += prefix.isEmpty ? String(element) : "/\(element)"
      (decision, above) = walk(prefix, below: above)
    }
    return decision
  }

  /// One step of a walk from the root down: the deciding pattern for `path`, given what covered its directory.
  /// Costs one match per pattern instead of one per pattern and directory.
  public func walk(_ path: String, below directory: Covered?) -> (deciding: Int?, Covered) {
    var decision: Int?
    var by = [Bool](repeating: false, count: patterns.count)
    for (index, pattern) in patterns.enumerated() {
      by[index] = directory?.by[index] == true || pattern.glob.matches(path)
      if by[index] { decision = pattern.takesBack ? nil : index }
    }
    return (decision, Covered(by: by))
  }
}
