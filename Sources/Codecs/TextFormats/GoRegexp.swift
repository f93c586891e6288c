/// A regular expression as Go's regexp package reads it, found anywhere in a text in time that grows with the text's
/// length times the pattern's: no pattern can hold a program up.
///
/// Understood are literals, `.`, classes with `\d \w \s` and ranges, `^ $ \b \B`, groups, alternatives, `* + ? {n,m}` and a
/// leading `(?i)`; what is left out (Unicode's classes, flags in the middle) is an error.
public struct GoRegexp: Sendable {
  /// Patterns and their repetitions are no longer than this.
  public static let mostBytes = 1024
  static let mostSteps = 4000

  public struct SyntaxError: Error, Equatable, CustomStringConvertible {
    public let pattern: String
    public var description: String { "error parsing regexp: `\(pattern)`" }
  }

  enum Step: Sendable {
    case scalar(Scalars)
    /// Both ways are gone.
    case split(Int, Int)
    case jump(Int)
    case assertion(Assertion)
    case found
  }

  enum Assertion: Sendable {
    case start, end, boundary, noBoundary
  }

  /// Ranges of scalars, or all but those.
  struct Scalars: Sendable {
    var ranges: [ClosedRange<UInt32>] = []
    var isNegated = false

    func contains(_ scalar: UInt32) -> Bool { ranges.contains { $0.contains(scalar) } != isNegated }
  }

  private let steps: [Step]

  public init(_ pattern: String) throws(SyntaxError) {
    guard pattern.utf8.count <= Self.mostBytes, let steps = GoRegexpReader.steps(of: pattern) else {
      throw SyntaxError(pattern: pattern)
    }
    self.steps = steps
  }

  /// Whether the text has a part that matches.
  public func matches(_ text: String) -> Bool {
    let scalars = text.unicodeScalars.map(\.value)
    var threads = Threads(count: steps.count)
    for place in 0...scalars.count {
      // A match may begin anywhere.
      if follow(0, at: place, in: scalars, &threads) { return true }
      guard place < scalars.count else { return false }
      var next = Threads(count: steps.count)
      for step in threads.waiting {
        guard case .scalar(let set) = steps[step], set.contains(scalars[place]) else { continue }
        if follow(step + 1, at: place + 1, in: scalars, &next) { return true }
      }
      threads = next
    }
    return false
  }

  /// The steps that wait for the next scalar, each once.
  private struct Threads {
    var waiting: [Int] = []
    var seen: [Bool]
    init(count: Int) { seen = [Bool](repeating: false, count: count) }
  }

  /// Goes on from a step to all that wait for a scalar; true where the pattern's end is reached.
  private func follow(_ start: Int, at place: Int, in text: [UInt32], _ threads: inout Threads) -> Bool {
    var open = [start]
    while let step = open.popLast() {
      guard !threads.seen[step] else { continue }
      threads.seen[step] = true
      switch steps[step] {
      case .found: return true
      case .scalar: threads.waiting.append(step)
      case .jump(let target): open.append(target)
      case .split(let first, let second): open += [second, first]
      case .assertion(let assertion):
        if Self.holds(assertion, at: place, in: text) { open.append(step + 1) }
      }
    }
    return false
  }

  private static func holds(_ assertion: Assertion, at place: Int, in text: [UInt32]) -> Bool {
    func isWord(_ index: Int) -> Bool { text.indices.contains(index) && word.contains(text[index]) }
    switch assertion {
    case .start: return place == 0
    case .end: return place == text.count
    case .boundary: return isWord(place - 1) != isWord(place)
    case .noBoundary: return isWord(place - 1) == isWord(place)
    }
  }

  static let digit = Scalars(ranges: [0x30...0x39])
  static let word = Scalars(ranges: [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
  static let space = Scalars(ranges: [0x09...0x0a, 0x0c...0x0d, 0x20...0x20])
}
