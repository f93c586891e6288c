import ComposeModel

/// What shall be done to bring the engine from what it has to what a project says; pure.
struct Plan: Sendable, Equatable {
  enum Action: Sendable, Equatable {
    case createNetwork(key: String)
    /// The network is not what the files say any more: containers leave it, it is made anew.
    case recreateNetwork(key: String)
    case createVolume(key: String)
    case create(service: String, number: Int)
    /// In place of a container that is no longer what the files say.
    case recreate(service: String, number: Int, old: String)
    case remove(container: String)
    /// It runs, and is what the files say.
    case keep(container: String)
    case await(service: String, Dependency.Condition, required: Bool, by: String)
    case start(service: String, container: String)
  }

  struct Step: Sendable, Equatable {
    let action: Action
    /// The steps, by place, that must be done before.
    let after: [Int]
  }

  private(set) var steps: [Step] = []

  /// Adds a step and returns its place.
  mutating func add(_ action: Action, after: some Sequence<Int> = []) -> Int {
    steps.append(Step(action: action, after: Set(after).sorted()))
    return steps.count - 1
  }
}

extension Plan: CustomStringConvertible {
  /// A line for each step: its place, what it does, and after which.
  var description: String {
    steps.enumerated().map { place, step in
      let after = step.after.isEmpty ? "" : " after " + step.after.map(String.init).joined(separator: ", ")
      return "\(place) \(step.action.words)\(after)\n"
    }.joined()
  }
}

extension Plan.Action {
  var words: String {
    switch self {
    case .createNetwork(let key): "create network \(key)"
    case .recreateNetwork(let key): "recreate network \(key)"
    case .createVolume(let key): "create volume \(key)"
    case .create(let service, let number): "create \(service) \(number)"
    case .recreate(let service, let number, let old): "recreate \(service) \(number) for \(old)"
    case .remove(let container): "remove \(container)"
    case .keep(let container): "keep \(container)"
    case .await(let service, let condition, _, let by): "await \(service) \(condition.rawValue) for \(by)"
    case .start(let service, let container): "start \(service) \(container)"
    }
  }
}
