import Dockerfile
import EngineErrors

/// Which stages a build needs, and what they are built on.
struct StagePlan {
  let stages: [Stage]
  /// The stage whose image is the result.
  let target: Int

  /// Whether something else stands for the stage of that name.
  private let isReplaced: @Sendable (String) -> Bool

  init(
    _ file: Dockerfile, target: String, isReplaced: @escaping @Sendable (String) -> Bool = { _ in false }
  ) throws(EngineError) {
    stages = file.stages
    self.isReplaced = isReplaced
    var seen: Set<String> = []
    for case let name? in file.stages.map(\.name) where !seen.insert(name).inserted {
      throw EngineError(.invalidArgument, "\(name) stage name already used")
    }
    guard !target.isEmpty else {
      self.target = file.stages.count - 1
      return
    }
    guard let index = Self.find(target, in: file.stages[...]) else {
      throw EngineError(.invalidArgument, "target stage \"\(target)\" could not be found")
    }
    self.target = index
  }

  /// The stage before `limit` that a name or number means.
  func stage(_ reference: String, before limit: Int) -> Int? {
    isReplaced(reference) ? nil : Self.find(reference, in: stages[..<limit])
  }

  /// The stage before `limit` of that name: FROM knows no numbers.
  func named(_ name: String, before limit: Int) -> Int? {
    isReplaced(name) ? nil : stages[..<limit].lastIndex { $0.name == name.lowercased() }
  }

  private static func find(_ reference: String, in stages: ArraySlice<Stage>) -> Int? {
    if let index = stages.lastIndex(where: { $0.name == reference.lowercased() }) { return index }
    guard let number = Int(reference), stages.indices.contains(number) else { return nil }
    return number
  }

  /// What an instruction takes files from: the names of stages and images.
  private static func sources(of action: Instruction.Action) -> [String] {
    switch action {
    case .copy(let copy): copy.from.map { [$0] } ?? []
    case .run(let run): run.mounts.compactMap(RunMount.from)
    default: []
    }
  }

  /// The stages to build, in order: the target and what it copies from or stands on.
  func needed(base: (Stage) -> String) -> [Int] {
    var needed: Set<Int> = []
    var open = [target]
    while let index = open.popLast() {
      guard needed.insert(index).inserted else { continue }
      if let below = named(base(stages[index]), before: index) { open.append(below) }
      for from in stages[index].instructions.flatMap({ Self.sources(of: $0.action) }) {
        if let source = stage(from, before: index) { open.append(source) }
      }
    }
    return needed.sorted()
  }
}
