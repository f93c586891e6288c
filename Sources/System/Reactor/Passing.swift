/// Passes on what `read` gives, until it gives nothing more or one of the two fails: then the other side has gone, and
/// nobody is left to be told.
public func passOn(
  first: [UInt8] = [], from read: @Sendable () async throws -> [UInt8],
  to write: @Sendable ([UInt8]) async throws -> Void
) async {
  do {
    if !first.isEmpty { try await write(first) }
    while case let bytes = try await read(), !bytes.isEmpty { try await write(bytes) }
  } catch {
    // Said above.
  }
}

/// Does all of them at once; the first that ends ends the others, which are cancelled. Returns when all have ended.
public func untilFirst(_ works: @Sendable () async -> Void...) async {
  await withTaskGroup(of: Void.self) { group in
    for work in works { group.addTask { await work() } }
    await group.next()
    group.cancelAll()
  }
}
