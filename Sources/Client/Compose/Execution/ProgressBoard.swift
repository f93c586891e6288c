import JSON
import Linux
import Reactor
import TerminalUI
import TextFormats

/// Tells how far each thing has come: in place on a terminal, a line for each change elsewhere.
actor ProgressBoard {
  /// What else stands on the terminal.
  enum Surroundings: Sendable {
    case nothing
    /// Lines of logs come in between: drawing over earlier lines would hide them, so each change gets its own.
    case logs
    /// The logs tell all that is to be told, as when containers start.
    case logsAlone
  }

  private enum Mode { case inPlace, besideLogs, plain, json, silent }

  private let mode: Mode
  private let prefix: String
  private(set) var picture: ProgressPicture
  private var drawn: [Int] = []
  private var lastDrawing: Int64 = 0
  private var isTicking = false

  /// `title` heads the lines on a terminal: `Running`, `Building`.
  init(_ invocation: Invocation, title: String = "Running", amid surroundings: Surroundings = .nothing) {
    prefix = invocation.dryRun ? " DRY-RUN MODE - " : ""
    let colours = invocation.ansi != "never" && Colour.suit(.error)
    picture = ProgressPicture(title: title, prefix: prefix, isColoured: colours)
    let onTerminal: Mode = surroundings == .nothing ? .inPlace : .besideLogs
    switch invocation.progress {
    case _ where surroundings == .logsAlone: mode = .silent
    case "quiet": mode = .silent
    case "json": mode = .json
    case "plain": mode = .plain
    case "tty": mode = onTerminal
    default: mode = StandardStream.error.drawsInPlace ? onTerminal : .plain
    }
  }

  func working(_ id: String, _ status: String) { tell(.init(id, status: status, .working)) }
  func done(_ id: String, _ status: String) { tell(.init(id, status: status, .done)) }
  func warning(_ id: String, _ status: String) { tell(.init(id, status: status, .warning)) }
  func failed(_ id: String, _ status: String = "Error") { tell(.init(id, status: status, .failed)) }

  /// Does `body` and tells of it: `doing` before, `done` after. What throws is told too, so that nothing is shown as under
  /// way that is over: as failed, in the words `failure`, or as interrupted where the task was cancelled.
  nonisolated func during<Value: Sendable>(
    _ id: String, _ doing: String, _ done: String, failure: String = "Error",
    _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    await working(id, doing)
    let value: Value
    do {
      value = try await body()
    } catch {
      await broken(id, failure)
      throw error
    }
    await self.done(id, done)
    return value
  }

  /// What was under way has thrown: another's failure, or the user, may have cut it short.
  func broken(_ id: String, _ failure: String = "Error") {
    if Task.isCancelled { warning(id, "Interrupted") } else { failed(id, failure) }
  }

  /// Tells something new.
  func tell(_ event: ProgressEvent) {
    let now = Clock.monotonic
    let before = picture.take(event, at: now)
    switch mode {
    case .silent: return
    case .plain, .besideLogs:
      // How many bytes have come is told where it can be drawn over alone.
      if event.isSameButAmount(as: before) { return }
      StandardStream.error.line(mode == .plain ? plain(event) : besideLogs(event))
    case .json: StandardStream.error.line(json(event))
    case .inPlace:
      if event.isSameButAmount(as: before), now - lastDrawing < 100_000_000 { return tick() }
      draw(now)
      tick()
    }
  }

  private func plain(_ event: ProgressEvent) -> String {
    let line = "\(prefix) \(event.id) \(event.text) \(event.status)"
    return line.hasSuffix(" ") ? String(line.dropLast()) : line
  }

  /// What the terminal has echoed of the keys goes.
  private func besideLogs(_ event: ProgressEvent) -> String {
    var shown = event
    if picture.isColoured {
      let colour = event.phase.colour
      if !shown.status.isEmpty { shown.status = colour.paint(shown.status) }
      if !shown.text.isEmpty { shown.text = colour.paint(shown.text) }
    }
    return "\r\u{1B}[K" + plain(shown)
  }

  /// As docker compose writes it: what is empty is left out.
  private func json(_ event: ProgressEvent) -> String {
    var value: JSONObject = [:]
    if !prefix.isEmpty { value["dry-run"] = true }
    value["id"] = .string(event.id)
    if let parent = event.parent { value["parent_id"] = .string(parent) }
    if !event.text.isEmpty { value["text"] = .string(event.text) }
    if !event.status.isEmpty { value["status"] = .string(event.status) }
    if event.current > 0 { value["current"] = .integer(event.current) }
    if event.total > 0 { value["total"] = .integer(event.total) }
    if event.percent > 0 { value["percent"] = .integer(Int64(event.percent)) }
    return String(decoding: JSON.encode(JSONValue.object(value), as: .docker), as: UTF8.self)
  }

  /// Draws all lines again over those drawn before.
  private func draw(_ now: Int64) {
    lastDrawing = now
    let size = StandardStream.error.drawingSize
    let lines = picture.lines(columns: size.columns, rows: size.rows, at: now)
    let up = DrawnLines.rows(drawn, columns: size.columns)
    var text = up > 0 ? "\u{1B}[\(up)A\r" : ""
    for line in lines { text += "\u{1B}[2K\(line.text)\n" }
    if up > lines.count { text += "\u{1B}[J" }
    drawn = lines.map(\.width)
    StandardStream.error.write(text)
  }

  /// Lets the times go on as long as something is under way.
  private func tick() {
    guard !isTicking, picture.isMoving else { return }
    isTicking = true
    Task {
      // A cancelled wait ends the ticking, not the work.
      while (try? await sleep(milliseconds: 100)) != nil, self.drawNext() {}
    }
  }

  /// Whether there will be more to draw.
  private func drawNext() -> Bool {
    isTicking = picture.isMoving
    if isTicking { draw(Clock.monotonic) }
    return isTicking
  }
}
