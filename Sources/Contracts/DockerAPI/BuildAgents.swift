/// The ssh agents that a client lends to one build: Skiff's own addition to `POST /build`.
///
///     client                                        engine
///     POST /build, X-Skiff-Agents: TOKEN;ID,ID  ──►  the build begins
///     POST /build/agent?token=TOKEN&id=ID       ──►  101, and silence
///                                               ◄──  what a process of a step says to the agent
///     connects to the agent; bytes both ways until either side ends
///
/// The client keeps one such connection waiting for every agent, and makes the next when one is taken. The token is
/// random: nobody else can stand in for the agent. With the build the connections end.
public struct BuildAgents: Sendable, Equatable {
  /// 64 hexadecimal digits.
  public let token: String
  public let ids: [String]

  public static let header = "X-Skiff-Agents"
  public static let mostIDs = 16

  /// A new token for agents of these ids.
  public init(lending ids: [String]) {
    token = ObjectID.random()
    self.ids = ids
  }

  /// Nil for what `headerValue` does not give.
  public init?(headerValue text: String) {
    let parts = text.split(separator: ";", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, parts[0].utf8.count == 64, parts[0].allSatisfy(\.isHexDigit) else { return nil }
    token = parts[0]
    ids = parts[1].split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    guard ids.count <= Self.mostIDs, ids.allSatisfy(Self.isID) else { return nil }
  }

  public var headerValue: String { "\(token);\(ids.joined(separator: ","))" }

  /// Letters, digits and `_.-`, at most 64 of them.
  public static func isID(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_.-".contains($0)) }
  }
}
