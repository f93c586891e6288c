import DockerAPI
import Linux
import Networks
import Reactor
import ShimProtocol

extension Container {
  /// A program that has just been started may not listen yet.
  private static let startSeconds: Int64 = 2

  /// What a user would want to know of it first, and the states do not say.
  func notes() async -> [ContainerNote] {
    let life = record.life
    var notes: [ContainerNote] = []
    if !life.hasProcess, !life.error.isEmpty {
      let isDeaf = life.error.hasPrefix(ShimProtocol.ExitStatus.killedAtOnce)
      notes.append(ContainerNote(isDeaf ? .deaf : .end, life.error))
    }
    if life.health?.status == .unhealthy {
      let said = (life.health?.log.last?.output ?? "").split { $0.isWhitespace }.joined(separator: " ")
      notes.append(
        ContainerNote(.unhealthy, "unhealthy: " + (said.isEmpty ? "its last probe said nothing" : said)))
    }
    if let text = life.memoryNote { notes.append(ContainerNote(.memory, text)) }
    guard life.phase == .running, life.pid > 0 else { return notes }
    let (pid, signal) = (life.pid, Signal(rawValue: stopSignal))
    let published = await services.networks.publishedPorts(of: id)
    let isNew = Moment.seconds() - Moment.seconds(life.startedAt) < Self.startSeconds
    let (listeners, dispositions) = await blocking {
      // A process that has just ended has nothing to tell.
      (published.isEmpty ? [] : ListeningSockets.of(pid), try? SignalDispositions.of(pid))
    }
    notes += Reach.notes(published, listeners, isNew: isNew).map { ContainerNote(.unreachable, $0) }
    if let dispositions, dispositions.drops(signal) {
      notes.append(ContainerNote(.deaf, Self.deafText(dispositions.name, signal)))
    }
    return notes
  }

  private static func deafText(_ name: String, _ signal: Signal) -> String {
    "the first process (\(name)) has no handler for \(signal), so stop kills it; with --init (init: true in a compose file)"
      + " it ends by \(signal)"
  }
}

/// Whether what is published can be reached; pure.
enum Reach {
  static func notes(_ published: PortMap, _ listeners: [InternetEndpoint], isNew: Bool) -> [String] {
    published.sorted { $0.key < $1.key }.compactMap { key, bindings in
      let parts = key.split(separator: "/")
      guard parts.last == "tcp", let port = parts.first.flatMap({ UInt16($0) }) else { return nil }
      let there = listeners.filter { $0.port == port }
      if there.contains(where: { !$0.isLoopback }) { return nil }
      let hostPorts = Set(bindings.map(\.hostPort)).sorted().joined(separator: ", ")
      guard there.isEmpty else {
        return
          "port \(port), published as \(hostPorts), is listened to on \(there.map(\.host).joined(separator: " and "))"
          + " only, where nobody outside the container gets to: let the program listen on 0.0.0.0"
      }
      return isNew ? nil : nothing(port, hostPorts, listeners)
    }
  }

  private static func nothing(_ port: UInt16, _ hostPorts: String, _ listeners: [InternetEndpoint]) -> String
  {
    // The engine's own name server is not what the user looks for.
    let others = listeners.filter { $0.host != "127.0.0.11" }.prefix(8)
      .map { $0.isIPv6 ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)" }
    let instead = others.isEmpty ? "" : "; the container listens on \(others.joined(separator: ", "))"
    return "nothing listens on port \(port), which is published as \(hostPorts)\(instead)"
  }
}
