/// Does `body` for every key, each as soon as those it waits for are done, at most `limit` at once.
///
/// The first error cancels what runs and keeps the rest from starting.
func runInOrder<Key: Hashable & Sendable & Comparable>(
  _ graph: [Key: Set<Key>], limit: Int? = nil, _ body: @escaping @Sendable (Key) async throws -> Void
) async throws {
  var waiting = graph.mapValues { $0.intersection(graph.keys) }
  var ready = waiting.filter { $0.value.isEmpty }.keys.sorted()
  for key in ready { waiting[key] = nil }
  try await withThrowingTaskGroup(of: Key.self) { group in
    var running = 0
    while true {
      while !ready.isEmpty, running < limit ?? .max {
        let key = ready.removeFirst()
        running += 1
        group.addTask {
          try await body(key)
          return key
        }
      }
      guard let finished = try await group.next() else { break }
      running -= 1
      for key in waiting.keys.sorted() {
        waiting[key]?.remove(finished)
        if waiting[key]?.isEmpty == true {
          waiting[key] = nil
          ready.append(key)
        }
      }
    }
  }
}
