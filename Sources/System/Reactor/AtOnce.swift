/// Does `body` for every item, at most `limit` at the same time. The results stand in the order of the items, whichever
/// came first; every item has one.
public func resultsAtOnce<Item: Sendable, Value: Sendable, Failure: Error>(
  _ items: [Item], limit: Int? = nil, _ body: @escaping @Sendable (Item) async throws(Failure) -> Value
) async -> [Result<Value, Failure>] {
  await settle(items, limit, body, endsAtFailure: false).sorted { $0.place < $1.place }.map(\.result)
}

/// The same where all must succeed: the first error cancels what runs, keeps the rest from starting, and is thrown when
/// all that ran has ended.
public func mapAtOnce<Item: Sendable, Value: Sendable, Failure: Error>(
  _ items: [Item], limit: Int? = nil, _ body: @escaping @Sendable (Item) async throws(Failure) -> Value
) async throws(Failure) -> [Value] {
  let arrived = await settle(items, limit, body, endsAtFailure: true)
  for outcome in arrived { _ = try outcome.result.get() }
  var values: [Value] = []
  for outcome in arrived.sorted(by: { $0.place < $1.place }) { values.append(try outcome.result.get()) }
  return values
}

/// What came of the item at a place.
private struct Outcome<Value: Sendable, Failure: Error>: Sendable {
  let place: Int
  let result: Result<Value, Failure>

  var isFailure: Bool {
    switch result {
    case .success: false
    case .failure: true
    }
  }
}

/// The outcomes as they arrived.
private func settle<Item: Sendable, Value: Sendable, Failure: Error>(
  _ items: [Item], _ limit: Int?, _ body: @escaping @Sendable (Item) async throws(Failure) -> Value,
  endsAtFailure: Bool
) async -> [Outcome<Value, Failure>] {
  await withTaskGroup(of: Outcome<Value, Failure>.self) { group in
    var waiting = items.indices
    func begin() {
      guard let place = waiting.popFirst() else { return }
      let item = items[place]
      group.addTask { await outcome(of: item, at: place, body) }
    }
    for _ in 0..<min(max(1, limit ?? .max), items.count) { begin() }
    var arrived: [Outcome<Value, Failure>] = []
    while let next = await group.next() {
      arrived.append(next)
      if endsAtFailure, next.isFailure {
        waiting = waiting.suffix(0)
        group.cancelAll()
      }
      begin()
    }
    return arrived
  }
}

/// The place and the result come together only after the waiting. In `return (place, .success(try await …))` Swift 6.3.1's
/// optimiser forgets the place: it is 0 then.
private func outcome<Item: Sendable, Value: Sendable, Failure: Error>(
  of item: Item, at place: Int, _ body: @Sendable (Item) async throws(Failure) -> Value
) async -> Outcome<Value, Failure> {
  let result: Result<Value, Failure>
  do throws(Failure) {
    let value = try await body(item)
    result = .success(value)
  } catch {
    result = .failure(error)
  }
  return Outcome(place: place, result: result)
}
