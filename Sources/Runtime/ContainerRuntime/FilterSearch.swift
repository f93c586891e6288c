/// The search of a number among ranges, as instructions of a seccomp filter.
enum FilterSearch {
  /// Numbers from `start` to the next range's, and what is done with them. Its code ends in an answer.
  struct Range: Hashable {
    let start: UInt32
    let code: [FilterInstruction]
  }

  /// Some ranges with the same code, and single numbers between them that have others.
  private struct Leaf {
    let start: UInt32
    let code: [FilterInstruction]
    var exceptions: [Range] = []
  }

  /// A chain of more comparisons than this is slower than a search.
  private static let mostExceptions = 4

  /// Finds the range of the number in the accumulator. Neighbours differ; there is at least one. Nil where a jump
  /// became too long.
  static func code(_ ranges: [Range]) -> [FilterInstruction]? { code(leaves(ranges)[...]) }

  private static func leaves(_ ranges: [Range]) -> [Leaf] {
    var leaves: [Leaf] = []
    var index = 0
    while index < ranges.count {
      var leaf = Leaf(start: ranges[index].start, code: ranges[index].code)
      while leaf.exceptions.count < mostExceptions, index + 2 < ranges.count,
        ranges[index + 2].start == ranges[index + 1].start + 1, ranges[index + 2].code == leaf.code
      {
        leaf.exceptions.append(ranges[index + 1])
        index += 2
      }
      leaves.append(leaf)
      index += 1
    }
    return leaves
  }

  private static func code(_ leaves: ArraySlice<Leaf>) -> [FilterInstruction]? {
    if let block = block(leaves) { return block }
    let middle = leaves.startIndex + leaves.count / 2
    guard leaves.count > 1, let low = code(leaves[..<middle]), let high = code(leaves[middle...]) else {
      return nil
    }
    return [
      FilterInstruction(code: FilterInstruction.ifAtLeast, no: 1, value: leaves[middle].start),
      .skip(low.count),
    ] + low + high
  }

  /// All comparisons first and then each different code once; nil where a jump became too long.
  private static func block(_ leaves: ArraySlice<Leaf>) -> [FilterInstruction]? {
    var steps: [Step] = []
    var codes: [[FilterInstruction]] = []
    let first = place(leaves, &steps, &codes)
    if steps.isEmpty { return codes[0] }
    // The search begins with its first comparison.
    guard case .step(0) = first else { return nil }
    var offsets: [Int] = []
    var count = steps.count
    for code in codes {
      offsets.append(count)
      count += code.count
    }
    var instructions: [FilterInstruction] = []
    for (index, step) in steps.enumerated() {
      func distance(_ target: Target) -> UInt8? {
        switch target {
        case .step(let other): UInt8(exactly: other - index - 1)
        case .code(let number): UInt8(exactly: offsets[number] - index - 1)
        }
      }
      guard let yes = distance(step.yes), let no = distance(step.no) else { return nil }
      instructions.append(FilterInstruction(code: step.code, yes: yes, no: no, value: step.value))
    }
    return instructions + codes.joined()
  }

  private enum Target { case step(Int), code(Int) }

  private struct Step {
    let code: UInt16
    let value: UInt32
    var yes = Target.code(0)
    var no = Target.code(0)
  }

  /// Adds the comparisons that tell these apart, and says where they begin.
  private static func place(
    _ leaves: ArraySlice<Leaf>, _ steps: inout [Step], _ codes: inout [[FilterInstruction]]
  ) -> Target {
    if leaves.count == 1, let leaf = leaves.first { return place(leaf, &steps, &codes) }
    let middle = leaves.startIndex + leaves.count / 2
    let own = steps.count
    steps.append(Step(code: FilterInstruction.ifAtLeast, value: leaves[middle].start))
    steps[own].no = place(leaves[..<middle], &steps, &codes)
    steps[own].yes = place(leaves[middle...], &steps, &codes)
    return .step(own)
  }

  private static func place(
    _ leaf: Leaf, _ steps: inout [Step], _ codes: inout [[FilterInstruction]]
  ) -> Target {
    let begin = steps.count
    for exception in leaf.exceptions {
      var step = Step(code: FilterInstruction.ifEqual, value: exception.start)
      step.yes = target(exception.code, &codes)
      step.no = .step(steps.count + 1)
      steps.append(step)
    }
    let rest = target(leaf.code, &codes)
    if leaf.exceptions.isEmpty { return rest }
    steps[steps.count - 1].no = rest
    return .step(begin)
  }

  private static func target(_ code: [FilterInstruction], _ codes: inout [[FilterInstruction]]) -> Target {
    if let known = codes.firstIndex(of: code) { return .code(known) }
    codes.append(code)
    return .code(codes.count - 1)
  }
}
