/// Reads a pattern's text into the steps that GoRegexp walks; nil where it is no pattern.
struct GoRegexpReader {
  private typealias Step = GoRegexp.Step
  private typealias Scalars = GoRegexp.Scalars

  private var rest: Substring.UnicodeScalarView
  private var ignoresCase = false
  private var depth = 0

  static func steps(of pattern: String) -> [GoRegexp.Step]? {
    var reader = GoRegexpReader(rest: pattern[...].unicodeScalars)
    reader.ignoresCase = reader.take("(?i)")
    guard let steps = reader.alternatives(), reader.rest.isEmpty else { return nil }
    return steps + [.found]
  }

  private init(rest: Substring.UnicodeScalarView) { self.rest = rest }

  private mutating func take(_ text: String) -> Bool {
    guard rest.starts(with: text.unicodeScalars) else { return false }
    rest = rest.dropFirst(text.unicodeScalars.count)
    return true
  }

  /// `a|b|c`. The targets of steps are relative to a piece's beginning until it is placed.
  private mutating func alternatives() -> [Step]? {
    guard var steps = sequence() else { return nil }
    while take("|") {
      guard let other = sequence() else { return nil }
      steps =
        [.split(1, steps.count + 2)] + Self.moved(steps, by: 1) + [.jump(steps.count + 2 + other.count)]
        + Self.moved(other, by: steps.count + 2)
      guard steps.count <= GoRegexp.mostSteps else { return nil }
    }
    return steps
  }

  private mutating func sequence() -> [Step]? {
    var steps: [Step] = []
    while let next = rest.first, next != "|", next != ")" {
      guard let atom = atom(), let piece = repeated(atom) else { return nil }
      steps += Self.moved(piece, by: steps.count)
      guard steps.count <= GoRegexp.mostSteps else { return nil }
    }
    return steps
  }

  private mutating func atom() -> [Step]? {
    guard let next = rest.popFirst() else { return nil }
    switch next {
    case "^": return [.assertion(.start)]
    case "$": return [.assertion(.end)]
    case ".": return [.scalar(Scalars(ranges: [0x0a...0x0a], isNegated: true))]
    case "(": return group()
    case "[": return bracket().map { [.scalar($0)] }
    case "\\": return escape()
    case "*", "+", "?": return nil
    default: return [.scalar(literal(next))]
    }
  }

  private mutating func group() -> [Step]? {
    depth += 1
    defer { depth -= 1 }
    // A name is of no use here.
    if !take("?:"), rest.first == "?" { return nil }
    guard depth <= 50, let steps = alternatives(), take(")") else { return nil }
    return steps
  }

  /// `*`, `+`, `?`, `{2}`, `{2,}`, `{2,5}` behind a piece, each also with a `?` that asks for the shortest.
  private mutating func repeated(_ piece: [Step]) -> [Step]? {
    var steps = piece
    while let next = rest.first, "*+?{".unicodeScalars.contains(next) {
      let (least, most): (Int, Int?)
      if take("*") {
        (least, most) = (0, nil)
      } else if take("+") {
        (least, most) = (1, nil)
      } else if take("?") {
        (least, most) = (0, 1)
      } else if let bounds = bounds() {
        (least, most) = bounds
      } else {
        // A brace that counts nothing is a brace.
        return steps
      }
      _ = take("?")
      guard let times = Self.times(steps, least, most) else { return nil }
      steps = times
    }
    return steps
  }

  private mutating func bounds() -> (Int, Int?)? {
    let before = rest
    if take("{"), let least = number(), least <= 1000 {
      if take("}") { return (least, least) }
      if take(",") {
        if take("}") { return (least, nil) }
        if let most = number(), most <= 1000, least <= most, take("}") { return (least, most) }
      }
    }
    rest = before
    return nil
  }

  private mutating func number() -> Int? {
    let digits = rest.prefix { ("0"..."9").contains($0) }
    rest = rest.dropFirst(digits.count)
    return Int(String(digits))
  }

  private static func times(_ piece: [Step], _ least: Int, _ most: Int?) -> [Step]? {
    guard piece.count * max(least, most ?? least) <= GoRegexp.mostSteps else { return nil }
    var steps: [Step] = []
    for _ in 0..<least { steps += moved(piece, by: steps.count) }
    guard let most else {
      let start = steps.count
      return steps + [.split(start + 1, start + piece.count + 2)] + moved(piece, by: start + 1)
        + [.jump(start)]
    }
    for _ in least..<max(least, most) {
      let start = steps.count
      steps += [.split(start + 1, start + piece.count + 1)] + moved(piece, by: start + 1)
    }
    return steps
  }

  private static func moved(_ steps: [Step], by distance: Int) -> [Step] {
    steps.map { step in
      switch step {
      case .split(let first, let second): .split(first + distance, second + distance)
      case .jump(let target): .jump(target + distance)
      default: step
      }
    }
  }

  private func literal(_ scalar: Unicode.Scalar) -> Scalars {
    guard ignoresCase else { return Scalars(ranges: [scalar.value...scalar.value]) }
    let (lower, upper) = (scalar.properties.lowercaseMapping, scalar.properties.uppercaseMapping)
    let forms =
      [scalar] + [lower, upper].compactMap { $0.unicodeScalars.count == 1 ? $0.unicodeScalars.first : nil }
    return Scalars(ranges: forms.map { $0.value...$0.value })
  }

  private mutating func escape() -> [Step]? {
    guard let next = rest.popFirst() else { return nil }
    switch next {
    case "b": return [.assertion(.boundary)]
    case "B": return [.assertion(.noBoundary)]
    case "A": return [.assertion(.start)]
    case "z": return [.assertion(.end)]
    default: return Self.named(next).map { [.scalar($0)] }
    }
  }

  /// The set that an escaped letter names, or the sign that stands for itself.
  private static func named(_ letter: Unicode.Scalar) -> Scalars? {
    func but(_ set: Scalars) -> Scalars { Scalars(ranges: set.ranges, isNegated: true) }
    switch letter {
    case "d": return GoRegexp.digit
    case "D": return but(GoRegexp.digit)
    case "w": return GoRegexp.word
    case "W": return but(GoRegexp.word)
    case "s": return GoRegexp.space
    case "S": return but(GoRegexp.space)
    case "t": return Scalars(ranges: [0x09...0x09])
    case "n": return Scalars(ranges: [0x0a...0x0a])
    case "r": return Scalars(ranges: [0x0d...0x0d])
    default:
      guard letter.isASCII, !GoRegexp.word.contains(letter.value) else { return nil }
      return Scalars(ranges: [letter.value...letter.value])
    }
  }

  /// Behind the opening bracket.
  private mutating func bracket() -> Scalars? {
    var set = Scalars()
    set.isNegated = take("^")
    var isFirst = true
    while let next = rest.popFirst() {
      if next == "]", !isFirst { return set }
      isFirst = false
      var low = Scalars(ranges: [next.value...next.value])
      if next == "\\" {
        guard let letter = rest.popFirst(), let named = Self.named(letter), !named.isNegated else {
          return nil
        }
        low = named
      }
      guard rest.first == "-", rest.dropFirst().first != "]", low.ranges.count == 1 else {
        add(low, to: &set)
        continue
      }
      rest = rest.dropFirst()
      guard let end = rest.popFirst(), end != "\\", low.ranges[0].lowerBound <= end.value else { return nil }
      add(Scalars(ranges: [low.ranges[0].lowerBound...end.value]), to: &set)
    }
    return nil
  }

  /// Where case is nothing, the other case of single letters and of ASCII ranges belongs to a class too.
  private func add(_ more: Scalars, to set: inout Scalars) {
    set.ranges += more.ranges
    guard ignoresCase else { return }
    for range in more.ranges {
      for (letters, distance) in [(UInt32(0x41)...0x5a, Int64(32)), (0x61...0x7a, -32)]
      where range.overlaps(letters) {
        let part = range.clamped(to: letters)
        set.ranges.append(
          UInt32(Int64(part.lowerBound) + distance)...UInt32(Int64(part.upperBound) + distance))
      }
    }
  }
}
