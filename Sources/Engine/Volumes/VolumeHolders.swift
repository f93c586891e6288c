import DockerAPI
import EngineErrors
import Linux
import Reactor

/// What a volume's options name is mounted on the host while somebody needs it: for the first, until the last has gone.
extension Volumes {
  /// Mounts what the options of a volume name, until `release` is told that `holder` is through; without options there is
  /// nothing to do. What fails leaves no hold.
  public func hold(_ name: String, for holder: String) async throws(EngineError) {
    guard try mount(of: name) != nil else { return }
    try await alone(with: name) { () throws(EngineError) in
      // It may have been removed while others had the turn.
      guard let (mount, path) = try self.mount(of: name) else { return }
      try await makeDirectory(name)
      try await blocking { () throws(EngineError) in
        try failing(.internal, "failed to mount local volume: mount \(mount.device):\(path)") {
          if try !VolumeMount.isMounted(path) { try mount.mount(on: path) }
        }
      }
      holders[name, default: []].insert(holder)
    }
  }

  /// Runs `body` while what the options of the volume name is mounted; without a name it only runs it.
  public nonisolated func holding<Value: Sendable>(
    _ name: String?, _ body: () async throws -> Value
  ) async throws -> Value {
    guard let name else { return try await body() }
    let holder = ObjectID.random()
    try await hold(name, for: holder)
    do {
      let value = try await body()
      await release(holder)
      return value
    } catch {
      await release(holder)
      throw error
    }
  }

  /// Takes note of a holder that another engine has mounted the volume for.
  public func keep(_ name: String, for holder: String) {
    // Options that cannot be read any more are no reason to take a mount from under a container.
    if mountable.contains(name) { holders[name, default: []].insert(holder) }
  }

  /// `holder` needs none of its volumes any more: those that nobody else needs are unmounted.
  public func release(_ holder: String) async {
    for name in holders.keys.sorted() where holders[name]?.remove(holder) != nil { await tidy(name) }
  }

  /// Everybody whom an engine before this one had mounted something for has been noted: what is left over is unmounted.
  public func settle() async {
    isSettled = true
    for name in mountable.sorted() { await tidy(name) }
  }

  /// Unmounts a volume that nobody needs.
  private func tidy(_ name: String) async {
    guard isSettled else { return }
    do throws(EngineError) {
      try await alone(with: name) { () throws(EngineError) in
        guard holders[name, default: []].isEmpty else { return }
        holders[name] = nil
        guard let (_, path) = try mount(of: name) else { return }
        try await blocking { () throws(EngineError) in
          try failing(.internal, "unmounting \(path)") { try VolumeMount.unmountAll(path) }
        }
      }
    } catch {
      // It is tried again when the next one lets go, and at the next start.
      Log.error("volume \(name): \(error)")
    }
  }
}
