import APIServer
import DaemonSettings
import HTTP
import Linux
import Reactor

/// Listens at every address, answers until a signal comes, then lets the answers that have begun end for a while.
func serve(_ server: APIServer, _ settings: DaemonSettings, until stop: AsyncStream<Int32>) async throws {
  let listeners = try openListeners(settings)
  defer { for (endpoint, _) in listeners { removeSocket(endpoint) } }
  let http = HTTPServer { exchange in await server.answer(exchange) }
  let serving = Task {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for (_, listener) in listeners { group.addTask { try await http.serve(listener) } }
      try await group.waitForAll()
    }
  }
  for (endpoint, _) in listeners { Log.info("API listen on \(endpoint)") }
  Log.info("ready, version \(EngineVersion.number)")
  for await signal in stop {
    // The terminal that skiffd was started from may go.
    if signal == Signal.hangup.rawValue { continue }
    Log.info("signal \(signal): stopping")
    break
  }
  for (_, listener) in listeners { listener.close() }
  // Followers of logs and events would wait for ever: they are cut off.
  let patience = Task {
    try await sleep(milliseconds: 2000)
    serving.cancel()
  }
  _ = await serving.result
  patience.cancel()
}

private func openListeners(_ settings: DaemonSettings) throws -> [(Endpoint, Listener)] {
  try settings.hosts.compactMap { text in
    guard let endpoint = Endpoint(text) else { return nil }
    switch endpoint {
    case .unix(let path):
      if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
        try Files.makeDirectories(String(path[..<slash]), mode: 0o711)
      }
      let listener = try Listener.unix(path: path, mode: 0o660)
      try giveSocket(path, to: settings.group)
      return (endpoint, listener)
    case .tcp(let host, let port):
      Log.warning("\(text): anyone who reaches this port has the rights of root; prefer the unix socket")
      return (endpoint, try Listener.tcp(address: host, port: port))
    }
  }
}

private func removeSocket(_ endpoint: Endpoint) {
  guard case .unix(let path) = endpoint else { return }
  // A socket that stays behind is replaced at the next start.
  try? Files.unlink(path)
}

/// The group that was asked for; with none the group docker where there is one, as dockerd does.
private func giveSocket(_ path: String, to group: String) throws {
  guard let number = groupNumber(group.isEmpty ? "docker" : group) else {
    guard group.isEmpty else { throw UnknownGroup(name: group) }
    return
  }
  try Files.changeOwner(path, uid: 0, gid: number)
}

private struct UnknownGroup: Error, CustomStringConvertible {
  let name: String
  var description: String { "group \(name) not found" }
}

private func groupNumber(_ name: String) -> UInt32? {
  if let number = UInt32(name) { return number }
  // Without the file there are no groups.
  let lines = ((try? Files.text("/etc/group")) ?? "").split(separator: "\n")
  for line in lines {
    let fields = line.split(separator: ":", omittingEmptySubsequences: false)
    if fields.count > 2, fields[0] == name { return UInt32(fields[2]) }
  }
  return nil
}
