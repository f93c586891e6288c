import Synchronization

/// What `info` tells of the daemon itself; some of it changes while it runs.
public final class DaemonFacts: Sendable {
  public struct Told: Sendable, Equatable {
    public var labels: [String] = []
    public var registryMirrors: [String] = []
    public var insecureRegistries: [String] = []
    /// Containers live on when the daemon ends.
    public var liveRestore = true
    /// What an operator should mend.
    public var warnings: [String] = []
    public init() {}
  }

  /// What the engine is known by, the same after every start.
  public let id: String
  private let state: Mutex<Told>

  public init(id: String, _ told: Told) {
    self.id = id
    state = Mutex(told)
  }

  public var told: Told {
    get { state.withLock { $0 } }
    set { state.withLock { $0 = newValue } }
  }
}
