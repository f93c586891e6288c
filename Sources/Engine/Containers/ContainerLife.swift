import DockerAPI
import ShimProtocol

/// A container's life, pure: events in, effects out.
///
///   created ──started──▶ running ──paused──▶ paused
///      │                 │   ▲                 │
///   startFailed     exited   └────resumed──────┘
///      ▼                 ▼
///   created/exited    exited, or restarting ──started──▶ running
struct ContainerLife: Codable, Sendable, Equatable {
  enum Phase: String, Codable, Sendable { case created, running, paused, restarting, exited, dead }

  enum Event: Sendable {
    case started(pid: Int32, at: String)
    case startFailed(message: String, code: Int32, at: String)
    case exited(ExitStatus, willRestart: Bool)
    case paused
    case resumed
    /// The kernel has killed a process of it; with what is to be said of that.
    case outOfMemory(String?)
    case health(HealthState)
  }

  enum Effect: Sendable, Equatable {
    case publish(String, [String: String])
    /// Network, rules and names go back; nothing of the container runs any more.
    case release
    /// It keeps its networks while it is restarted, and dockerd's does not: who listens hears what dockerd would tell.
    case tellOfNetworks(isPluggedIn: Bool)
    case tellWaiters(code: Int32)
    /// The process has ended and will be started again: only those hear who wait for an exit.
    case tellOfExit(code: Int32)
    case removeIfAutomatic
  }

  /// Docker's zero time, for what has not happened.
  static let never = "0001-01-01T00:00:00Z"

  private(set) var phase = Phase.created
  private(set) var pid: Int32 = 0
  private(set) var exitCode: Int32 = 0
  private(set) var outOfMemory = false
  /// Of processes that were killed for want of memory while the first goes on.
  private(set) var memoryNote: String?
  private(set) var error = ""
  private(set) var startedAt = ContainerLife.never
  private(set) var finishedAt = ContainerLife.never
  private(set) var restartCount = 0
  private(set) var health: HealthState?

  var isRunning: Bool { phase == .running || phase == .paused || phase == .restarting }
  var hasProcess: Bool { phase == .running || phase == .paused }
  /// Before the first start nobody has looked for its health.
  var hasRun: Bool { startedAt != Self.never }

  mutating func handle(_ event: Event) -> [Effect] {
    switch event {
    case .started(let pid, let at): started(pid, at)
    case .startFailed(let message, let code, let at): startFailed(message, code, at)
    case .exited(let status, let willRestart): exited(status, willRestart)
    case .paused: change(from: .running, to: .paused, "pause")
    case .resumed: change(from: .paused, to: .running, "unpause")
    case .outOfMemory(let text): ranOutOfMemory(text)
    case .health(let state): healthChanged(state)
    }
  }

  private mutating func started(_ pid: Int32, _ at: String) -> [Effect] {
    let isRestart = phase == .restarting
    restartCount = isRestart ? restartCount + 1 : 0
    phase = .running
    self.pid = pid
    startedAt = at
    outOfMemory = false
    memoryNote = nil
    error = ""
    exitCode = 0
    health = nil
    let start = Effect.publish("start", [:])
    return isRestart ? [.tellOfNetworks(isPluggedIn: true), start] : [start]
  }

  private mutating func startFailed(_ message: String, _ code: Int32, _ at: String) -> [Effect] {
    error = message
    exitCode = code
    pid = 0
    if phase != .created { phase = .exited }
    return [.release, .tellWaiters(code: code), .removeIfAutomatic]
  }

  private mutating func exited(_ status: ExitStatus, _ willRestart: Bool) -> [Effect] {
    guard isRunning else { return [] }
    pid = 0
    exitCode = status.code
    outOfMemory = status.outOfMemory
    memoryNote = nil
    finishedAt = status.finishedAt
    if !status.startedAt.isEmpty { startedAt = status.startedAt }
    error = status.failure ?? status.explanation ?? ""
    restartCount = max(restartCount, status.restartCount)
    let died = Effect.publish("die", ["exitCode": String(status.code)])
    guard !willRestart else {
      phase = .restarting
      return [died, .tellOfNetworks(isPluggedIn: false), .tellOfExit(code: status.code)]
    }
    phase = .exited
    return [died, .release, .tellWaiters(code: status.code), .removeIfAutomatic]
  }

  private mutating func ranOutOfMemory(_ text: String?) -> [Effect] {
    guard hasProcess else { return [] }
    outOfMemory = true
    memoryNote = text
    return [.publish("oom", [:])]
  }

  private mutating func change(from: Phase, to: Phase, _ action: String) -> [Effect] {
    guard phase == from else { return [] }
    phase = to
    return [.publish(action, [:])]
  }

  private mutating func healthChanged(_ state: HealthState) -> [Effect] {
    let changed = state.status != health?.status
    health = state
    guard changed, state.status != .starting else { return [] }
    let output = state.status == .unhealthy ? state.log.last?.output ?? "" : ""
    return [
      .publish(
        "health_status: \(state.status.rawValue)", output.isEmpty ? [:] : ["output": Self.line(output)])
    ]
  }

  /// An event's attribute is one line, and short.
  private static func line(_ output: String) -> String {
    let words = output.prefix(1024).split { $0.isWhitespace }.joined(separator: " ")
    return words.count > 200 ? words.prefix(200) + "..." : words
  }
}
