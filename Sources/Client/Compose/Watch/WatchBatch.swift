/// What changed files mean, by Docker Compose's rules; pure.
struct WatchBatch: Equatable {
  struct Copy: Equatable, Hashable {
    var path: String
    var target: String
  }

  /// Services, each once, sorted.
  private(set) var rebuilds: [String] = []
  private(set) var restarts: [String] = []
  /// Files by service, in the paths' order.
  private(set) var copies: [String: [Copy]] = [:]
  /// Rules whose command runs, in order.
  private(set) var hooks: [Int] = []

  init(_ paths: Set<String>, _ rules: [WatchRule]) {
    var rebuilt: Set<String> = []
    var restarted: Set<String> = []
    var executed: Set<Int> = []
    for path in paths.sorted() {
      for (place, rule) in rules.enumerated() {
        guard let target = rule.target(of: path) else { continue }
        switch rule.action {
        case .rebuild: rebuilt.insert(rule.service)
        case .restart: restarted.insert(rule.service)
        case .sync: break
        case .syncRestart: restarted.insert(rule.service)
        case .syncExec: executed.insert(place)
        }
        if rule.action.syncs { add(Copy(path: path, target: target), to: rule.service) }
      }
    }
    rebuilds = rebuilt.sorted()
    restarts = restarted.sorted()
    hooks = executed.sorted()
  }

  private mutating func add(_ copy: Copy, to service: String) {
    // Paths come in order: those of the same path stand at the end.
    let ofPath = copies[service]?.reversed().prefix { $0.path == copy.path }
    if ofPath?.contains(copy) == true { return }
    copies[service, default: []].append(copy)
  }
}
