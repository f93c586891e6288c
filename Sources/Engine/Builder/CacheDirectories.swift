/// Which caches of RUN steps are in use. The directories themselves are somebody else's to make.
actor CacheDirectories {
  private struct Use {
    var holders = 0
    var isExclusive = false
    var waiters: [AsyncStream<Never>.Continuation] = []
  }
  private var uses: [String: Use] = [:]

  /// The name of the directory to use, until `release`: `name` itself, or for a private cache that others use already
  /// `name-1` and so on. Waits for the others where the cache is locked.
  func acquire(_ name: String, _ sharing: RunMount.Sharing) async throws(CancellationError) -> String {
    switch sharing {
    case .private:
      var number = 0
      var free = name
      while uses[free] != nil {
        number += 1
        free = "\(name)-\(number)"
      }
      uses[free] = Use(holders: 1, isExclusive: true)
      return free
    case .locked:
      while uses[name] != nil { try await change(of: name) }
      uses[name] = Use(holders: 1, isExclusive: true)
    case .shared:
      while uses[name]?.isExclusive == true { try await change(of: name) }
      uses[name, default: Use()].holders += 1
    }
    return name
  }

  /// The names of those that somebody uses.
  var inUse: Set<String> { Set(uses.keys) }

  /// Takes it for oneself, until `release`; false where somebody uses it.
  func claim(_ name: String) -> Bool {
    guard uses[name] == nil else { return false }
    uses[name] = Use(holders: 1, isExclusive: true)
    return true
  }

  private func change(of name: String) async throws(CancellationError) {
    let (changes, continuation) = AsyncStream.makeStream(of: Never.self)
    uses[name]?.waiters.append(continuation)
    for await _ in changes {}
    if Task.isCancelled { throw CancellationError() }
  }

  func release(_ name: String) {
    guard var use = uses[name] else { return }
    use.holders -= 1
    let waiters = use.waiters
    use.waiters = []
    uses[name] = use.holders > 0 ? use : nil
    if use.holders > 0 { uses[name]?.waiters = waiters } else { waiters.forEach { $0.finish() } }
  }
}
