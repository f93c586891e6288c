/// Makes a seccomp filter smaller that answers every call as before.
///
/// libseccomp compares the number with each call that a profile names. Of neighbouring numbers most have the same
/// answer, so a search for the range that a number stands in takes a fifth of the instructions, and the kernel, which
/// translates the program for each process that loads it, a quarter of the time.
struct FilterReduction {
  private let program: [FilterInstruction]
  /// Architectures that the program knows, in its order.
  private var architectures: [UInt32] = []
  /// The first number of each range within which no comparison of the program tells numbers apart.
  private var starts: Set<UInt32> = [0]

  /// The smaller program; the same one where it uses what is not understood here, or would not become smaller.
  static func reduce(_ program: [FilterInstruction]) -> [FilterInstruction] {
    guard let other = rewritten(program), other.count < program.count else { return program }
    return other
  }

  /// A program that answers the same; nil where this one uses what is not understood here.
  static func rewritten(_ program: [FilterInstruction]) -> [FilterInstruction]? {
    FilterReduction(program)?.whole()
  }

  /// Nil where a comparison is none of numbers with numbers.
  private init?(_ program: [FilterInstruction]) {
    self.program = program
    var seen: Set<Place> = []
    var open = [Place(index: 0, holds: .nothing)]
    while let place = open.popLast() {
      guard seen.insert(place).inserted else { continue }
      guard program.indices.contains(place.index), note(place) else { return nil }
      open += next(place)
    }
  }

  /// What stands in the accumulator.
  private enum Content { case nothing, number, architecture, argument }

  private struct Place: Hashable {
    var index: Int
    var holds: Content
  }

  /// False for what is not understood.
  private mutating func note(_ place: Place) -> Bool {
    let one = program[place.index]
    switch (one.code, place.holds) {
    case (FilterInstruction.load, _), (FilterInstruction.jump, _), (FilterInstruction.answer, _): break
    case (FilterInstruction.and, .argument): break
    case (FilterInstruction.ifEqual, .architecture):
      if !architectures.contains(one.value) { architectures.append(one.value) }
    case (FilterInstruction.ifEqual, .number):
      starts.insert(one.value)
      if one.value < .max { starts.insert(one.value + 1) }
    case (FilterInstruction.ifGreater, .number): if one.value < .max { starts.insert(one.value + 1) }
    case (FilterInstruction.ifAtLeast, .number): starts.insert(one.value)
    case (_, .argument): return one.isComparison
    default: return false
    }
    return true
  }

  private func next(_ place: Place) -> [Place] {
    let one = program[place.index]
    switch one.code {
    case FilterInstruction.answer: return []
    case FilterInstruction.load: return [Place(index: place.index + 1, holds: Self.content(one))]
    case FilterInstruction.jump: return [Place(index: place.index + 1 + Int(one.value), holds: place.holds)]
    case FilterInstruction.and: return [Place(index: place.index + 1, holds: place.holds)]
    default:
      return [one.yes, one.no].map { Place(index: place.index + 1 + Int($0), holds: place.holds) }
    }
  }

  private static func content(_ load: FilterInstruction) -> Content {
    switch load.value {
    case FilterInstruction.numberOffset: .number
    case FilterInstruction.architectureOffset: .architecture
    default: .argument
    }
  }

  private func whole() -> [FilterInstruction]? {
    let numbers = starts.sorted()
    var whole = [
      FilterInstruction(code: FilterInstruction.load, value: FilterInstruction.architectureOffset)
    ]
    // Any value that is compared with none.
    let stranger = (0...UInt32(architectures.count)).first { !architectures.contains($0) } ?? 0
    for architecture in architectures + [stranger] {
      guard let section = section(architecture, numbers) else { return nil }
      if architecture != stranger {
        whole.append(FilterInstruction(code: FilterInstruction.ifEqual, yes: 1, value: architecture))
        whole.append(.skip(section.count))
      }
      whole += section
    }
    return whole
  }

  /// What is answered to the calls of an architecture. Nil where a jump became too long.
  private func section(_ architecture: UInt32, _ numbers: [UInt32]) -> [FilterInstruction]? {
    var ranges: [FilterSearch.Range] = []
    for number in numbers {
      guard let code = specialised(number, architecture) else { return nil }
      if ranges.last?.code != code { ranges.append(FilterSearch.Range(start: number, code: code)) }
    }
    if ranges.count == 1 { return ranges[0].code }
    let load = FilterInstruction(code: FilterInstruction.load, value: FilterInstruction.numberOffset)
    return FilterSearch.code(ranges).map { [load] + $0 }
  }

  /// The part of the program that a call goes through, all comparisons of its number left out. Nil where a jump
  /// became too long.
  private func specialised(_ number: UInt32, _ architecture: UInt32) -> [FilterInstruction]? {
    func settle(_ place: Place) -> Int {
      var place = place
      while true {
        let one = program[place.index]
        switch (one.code, place.holds) {
        case (FilterInstruction.jump, _): place.index += 1 + Int(one.value)
        case (FilterInstruction.load, _) where Self.content(one) != .argument:
          place = Place(index: place.index + 1, holds: Self.content(one))
        case (_, .number) where one.isComparison, (_, .architecture) where one.isComparison:
          let holds = one.holds(place.holds == .number ? number : architecture)
          place.index += 1 + Int(holds ? one.yes : one.no)
        default: return place.index
        }
      }
    }
    func targets(_ index: Int) -> [Int] { next(Place(index: index, holds: .argument)).map(settle) }
    let first = settle(Place(index: 0, holds: .nothing))
    var reached: Set<Int> = []
    var open = [first]
    while let index = open.popLast() {
      if reached.insert(index).inserted { open += targets(index) }
    }
    return Self.laidOut(reached.sorted(), of: program, targets)
  }

  /// The instructions one behind the other, with jumps where what follows another stands elsewhere.
  private static func laidOut(
    _ indices: [Int], of program: [FilterInstruction], _ targets: (Int) -> [Int]
  ) -> [FilterInstruction]? {
    // Where each comes to stand: those that go on, but not at the next one, are followed by a jump.
    var places: [Int: Int] = [:]
    var count = 0
    for (position, index) in indices.enumerated() {
      places[index] = count
      let after = targets(index)
      count += after.count == 1 && after[0] != indices[position + 1] ? 2 : 1
    }
    var code: [FilterInstruction] = []
    for index in indices {
      var one = program[index]
      let distances = targets(index).compactMap { places[$0] }.map { $0 - code.count - 1 }
      if distances.count == 2 {
        guard let yes = UInt8(exactly: distances[0]), let no = UInt8(exactly: distances[1]) else {
          return nil
        }
        (one.yes, one.no) = (yes, no)
      }
      code.append(one)
      if distances.count == 1, distances[0] > 0 { code.append(.skip(distances[0] - 1)) }
    }
    return code
  }
}
