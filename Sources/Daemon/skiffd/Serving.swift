import APIServer
import DaemonSettings
import HTTP
import Linux
import Reactor
import TLS

/// Answers at every door until a signal says to stop, then lets the answers that have begun end for a while. SIGHUP
/// calls `reload`.
func serve(
  _ server: APIServer, at doors: [Door], scrapers: Listener?, until signals: AsyncStream<Int32>,
  reload: () -> Void
) async {
  let limits = clientLimits(servers: doors.count)
  let serving = Task {
    try await withThrowingTaskGroup(of: Void.self) { group in
      for door in doors {
        let http = HTTPServer(limits: limits) { await server.answer($0, within: door.scope) }
        group.addTask { try await http.serve(door.listener, secure: door.tls.map(securing)) }
      }
      try await group.waitForAll()
    }
  }
  let scraping = scrapers.map { scrapers in
    Task { try await HTTPServer(limits: scraperLimits) { await server.answerScraper($0) }.serve(scrapers) }
  }
  defer { scraping?.cancel() }
  for door in doors { Log.info("API listen on \(door.name)\(door.scope.map { ", \($0)" } ?? "")") }
  Log.info("ready, version \(EngineVersion.number)")
  for await signal in signals {
    if signal == Signal.hangup.rawValue {
      reload()
      continue
    }
    Log.info("signal \(signal): stopping")
    break
  }
  for door in doors { door.listener.close() }
  // Followers of logs and events would wait for ever: they are cut off.
  let patience = Task {
    try await sleep(milliseconds: 2000)
    serving.cancel()
  }
  _ = await serving.result
  patience.cancel()
}

/// As many clients as this process' descriptors allow.
private func clientLimits(servers: Int) -> HTTPLimits {
  do throws(SyscallError) {
    return .sharing(openFiles: try Resource.openFiles.limit().soft, among: servers)
  } catch {
    Log.warning("\(error)")
    return .default
  }
}

/// Few ask for numbers, and they ask for little.
private let scraperLimits: HTTPLimits = {
  var limits = HTTPLimits()
  limits.connections = 64
  limits.headBytes = 16 << 10
  limits.idleMilliseconds = 120_000
  return limits
}()

/// Shakes hands with a fresh client. One who speaks without TLS is told so, in Go's words.
private func securing(_ context: TLSContext) -> HTTPServer.Secure {
  { plain in
    do {
      return try await TLSConnection.open(plain, context)
    } catch let error as TLSError {
      if error.isPlainHTTP {
        let answer = "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
        try await plain.write(Array(answer.utf8))
        plain.shutdownWrite()
      }
      throw error
    }
  }
}
