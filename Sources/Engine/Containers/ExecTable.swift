/// The execs of one container: all that run, and for a while those that do not run yet or any more.
struct ExecTable {
  /// So many that do not run are kept, the latest ones, and `slack` more at times: to look for those that go takes
  /// longer than an exec.
  static let mostAtRest = 1000
  static let slack = 250
  /// So long after its end (nanoseconds) an exec can still be asked for; dockerd keeps it five to ten minutes.
  static let keptAfterEnd: Int64 = 300 * 1_000_000_000

  private static let betweenLooks: Int64 = 1_000_000_000

  private var sessions: [String: ExecSession] = [:]
  /// When those that nobody asks for were last looked for, and how many were left.
  private var lastLook = (moment: Int64(0), count: 0)

  subscript(id: String) -> ExecSession? { sessions[id] }

  /// The ids of those that have not ended, sorted; so dockerd lists them.
  var openIDs: [String] { sessions.values.filter { !$0.isOver }.map(\.id).sorted() }

  var count: Int { sessions.count }

  /// Takes in an exec and, now and then, forgets those that nobody asks for any more.
  /// - Parameter now: on the monotonic clock, in nanoseconds.
  /// - Returns: the ids of the forgotten.
  mutating func add(_ session: ExecSession, now: Int64) -> [String] {
    defer { sessions[session.id] = session }
    guard now > lastLook.moment + Self.betweenLooks || sessions.count >= lastLook.count + Self.slack else {
      return []
    }
    let old = sessions.values.filter { $0.isOver && now - $0.atRestSince > Self.keptAfterEnd }
    for old in old { sessions[old.id] = nil }
    let surplus = atRest.dropLast(Self.mostAtRest - 1)
    for surplus in surplus { sessions[surplus.id] = nil }
    lastLook = (now, sessions.count)
    return old.map(\.id) + surplus.map(\.id)
  }

  /// Those that do not run, the longest at rest first.
  private var atRest: [ExecSession] {
    let quiet = sessions.values.filter { !$0.isRunning }
    guard quiet.count >= Self.mostAtRest else { return [] }
    return quiet.sorted { $0.atRestSince < $1.atRestSince }
  }
}
