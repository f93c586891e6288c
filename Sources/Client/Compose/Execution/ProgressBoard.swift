import JSON
import Linux
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

  enum Phase: Sendable { case working, done, warning, failed }

  private struct Line {
    var status: String
    var phase: Phase
    let began: Int64
    var ended: Int64?
  }

  private enum Mode { case inPlace, besideLogs, plain, json, silent }

  private let mode: Mode
  private let colours: Bool
  private let title: String
  private let prefix: String
  private var order: [String] = []
  private var lines: [String: Line] = [:]
  private var drawn = 0

  /// `title` heads the lines on a terminal: `Running`, `Building`.
  init(_ invocation: Invocation, title: String = "Running", amid surroundings: Surroundings = .nothing) {
    self.title = title
    prefix = invocation.dryRun ? " DRY-RUN MODE - " : ""
    let onTerminal: Mode = surroundings == .nothing ? .inPlace : .besideLogs
    switch invocation.progress {
    case _ where surroundings == .logsAlone: mode = .silent
    case "quiet": mode = .silent
    case "json": mode = .json
    case "plain": mode = .plain
    case "tty": mode = onTerminal
    default: mode = StandardStream.error.isTerminal ? onTerminal : .plain
    }
    colours = invocation.ansi != "never" && Colour.suit(.error)
  }

  func working(_ id: String, _ status: String) { tell(id, status, .working) }
  func done(_ id: String, _ status: String) { tell(id, status, .done) }
  func warning(_ id: String, _ status: String) { tell(id, status, .warning) }
  func failed(_ id: String, _ status: String = "Error") { tell(id, status, .failed) }

  private func tell(_ id: String, _ status: String, _ phase: Phase) {
    let now = Clock.monotonic
    switch mode {
    case .silent: return
    case .plain: return StandardStream.error.line("\(prefix) \(id)  \(status)")
    case .besideLogs:
      let text = colours ? Self.mark(of: phase).colour.paint(status) : status
      // What the terminal has echoed of the keys goes.
      return StandardStream.error.line("\r\u{1B}[K\(prefix) \(id)  \(text)")
    case .json:
      let words: [Phase: String] = [
        .working: "Working", .done: "Done", .warning: "Warning", .failed: "Error",
      ]
      let value: JSONValue = [
        "id": .string(id), "status": .string(words[phase] ?? ""), "text": .string(status),
      ]
      return StandardStream.error.line(String(decoding: JSON.encode(value, as: .docker), as: UTF8.self))
    case .inPlace: break
    }
    var line = lines[id] ?? Line(status: status, phase: phase, began: now, ended: nil)
    if lines[id] == nil { order.append(id) }
    line.status = status
    line.phase = phase
    line.ended = phase == .working ? nil : now
    lines[id] = line
    draw(now)
  }

  /// Draws all lines again over those drawn before; as many as the terminal has rows.
  private func draw(_ now: Int64) {
    let size = StandardStream.error.windowSize
    // A terminal that does not know its size says zero.
    let width = size.map { Int($0.columns) }.flatMap { $0 > 0 ? $0 : nil } ?? 80
    let rows = max(3, (size.map { Int($0.rows) }.flatMap { $0 > 0 ? $0 : nil } ?? 24) - 1)
    let finished = lines.values.filter { $0.phase != .working }.count
    var text = drawn > 0 ? "\u{1B}[\(drawn)A\r" : ""
    let head = "[+] \(title) \(finished)/\(order.count)"
    text += "\u{1B}[2K" + (finished == order.count && colours ? Colour.blue.paint(head) : head) + "\n"
    let shown = order.suffix(rows - 1)
    let longest = shown.map(\.count).max() ?? 0
    for id in shown {
      guard let line = lines[id] else { continue }
      text += "\u{1B}[2K" + self.text(of: id, line, longest, width, now) + "\n"
    }
    drawn = shown.count + 1
    StandardStream.error.write(text)
  }

  private func text(of id: String, _ line: Line, _ longest: Int, _ width: Int, _ now: Int64) -> String {
    let (sign, colour) = Self.mark(of: line.phase)
    let padding = String(repeating: " ", count: longest - id.count + 2)
    let seconds = Double(((line.ended ?? now) - line.began) / 100_000_000) / 10
    let timer = "\(seconds)s"
    let room = width - 4 - id.count - padding.count - prefix.count - timer.count - 2
    let status = Ellipsis.shorten(line.status, to: max(8, room))
    let gap = String(repeating: " ", count: max(1, room - status.count))
    let paint = { (colour: Colour, text: String) in self.colours ? colour.paint(text) : text }
    return
      " \(paint(colour, sign))\(prefix) \(id)\(padding)\(paint(colour, status))\(gap)\(paint(.blue, timer))"
  }

  private static func mark(of phase: Phase) -> (sign: String, colour: Colour) {
    switch phase {
    case .working: ("⠿", .blue)
    case .done: ("✔", .green)
    case .warning: ("!", .yellow)
    case .failed: ("✘", .red)
    }
  }
}
