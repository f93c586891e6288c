import TerminalUI
import TextFormats

/// How a progress board looks on a terminal of some size: a heading, and a line for each thing, none of them wider
/// than the terminal and all together not higher.
struct ProgressPicture: Sendable {
  /// A line as it is written, colours and all, and how many columns it takes.
  struct Line: Sendable, Equatable {
    let text: String
    let width: Int
  }

  private struct Entry: Sendable {
    var event: ProgressEvent
    let began: Int64
    var ended: Int64?
  }

  let isColoured: Bool
  private let title: String
  private let prefix: String
  /// In the order in which they were first heard of.
  private var entries: [Entry] = []

  init(title: String, prefix: String, isColoured: Bool) {
    self.title = title
    self.prefix = prefix
    self.isColoured = isColoured
  }

  /// Whether something is under way, and nothing has failed.
  var isMoving: Bool {
    entries.contains { $0.event.phase == .working } && !entries.contains { $0.event.phase == .failed }
  }

  /// Takes in what is new; gives what was known of the thing before. The parts of what is no longer under way end with it.
  mutating func take(_ event: ProgressEvent, at now: Int64) -> ProgressEvent? {
    let ended = event.phase == .working ? nil : now
    if ended != nil, event.parent == nil {
      for place in entries.indices
      where entries[place].event.parent == event.id && entries[place].event.phase == .working {
        entries[place].event.phase = event.phase == .done ? .done : .warning
        entries[place].ended = now
      }
    }
    let known = entries.firstIndex { $0.event.id == event.id && $0.event.parent == event.parent }
    guard let known else {
      entries.append(Entry(event: event, began: now, ended: ended))
      return nil
    }
    let before = entries[known].event
    entries[known].event = event
    if event.total == 0 {
      // Of what came no more is told: it is there.
      entries[known].event.total = before.total
      entries[known].event.current = before.total
    }
    entries[known].ended = ended
    return before
  }

  /// The lines for a terminal of this size; the cursor stands below them.
  func lines(columns: Int, rows: Int, at now: Int64) -> [Line] {
    let finished = entries.filter { $0.event.phase != .working }.count
    let heading = Ellipsis.shorten("[+] \(title) \(finished)/\(entries.count)", to: columns - 1)
    let isOver = finished == entries.count && isColoured
    let room = max(2, rows - 2)
    let tops = entries.filter { $0.event.parent == nil }
    var shown = tops.flatMap { top in
      [top] + entries.filter { $0.event.parent == top.event.id }
    }
    // Where there is no room for parts the whole is told alone.
    if shown.count > room { shown = tops.suffix(room) }
    let widest =
      shown.map { Self.width(Self.name(of: $0.event)) - ($0.event.parent == nil ? 0 : 2) }.max() ?? 0
    let lines = shown.map { line(of: $0, padded: widest, columns - 1, now) }
    return [Line(text: isOver ? Colour.blue.paint(heading) : heading, width: Self.width(heading))] + lines
  }

  private static func width(_ text: String) -> Int { Ellipsis.columns(of: text) }

  private static func name(of event: ProgressEvent) -> String { "\(event.id) \(event.text)" }

  private func line(of entry: Entry, padded widest: Int, _ columns: Int, _ now: Int64) -> Line {
    let event = entry.event
    let sign = Self.sign(of: event.phase, (now - entry.began) / 100_000_000)
    let lead = event.parent == nil ? "" : "  "
    let timer = "\(Double(((entry.ended ?? now) - entry.began) / 100_000_000) / 10)s"
    var room = columns - lead.count - 3 - Self.width(prefix)
    let hasTimer = room >= timer.count + 20
    if hasTimer { room -= timer.count + 1 }
    var (name, status) = (name(with: event), event.status)
    status = Ellipsis.shorten(status, to: max(min(room / 2, Self.width(status)), room - 1 - Self.width(name)))
    let left = room - 1 - Self.width(status)
    name = Ellipsis.shorten(name, to: left)
    name += String(repeating: " ", count: max(0, min(widest - lead.count, left) - Self.width(name)))
    let used = Self.width(name) + 1 + Self.width(status)
    let gap = String(repeating: " ", count: hasTimer ? max(1, room + 1 - used) : 0)
    let text =
      "\(lead) \(paint(sign, event.phase.colour))\(prefix) \(name) \(paint(status, event.phase.colour))\(gap)"
      + (hasTimer ? paint(timer, .blue) : "")
    let width = lead.count + 3 + Self.width(prefix) + used + gap.count
    return Line(text: text, width: width + (hasTimer ? timer.count : 0))
  }

  /// What is done with the thing, with a mark for each of its parts as long as it is under way.
  private func name(with event: ProgressEvent) -> String {
    guard event.parent == nil, event.phase == .working else { return Self.name(of: event) }
    let parts = entries.filter { $0.event.parent == event.id }.map(\.event)
    guard !parts.isEmpty else { return Self.name(of: event) }
    let marks = parts.map { Self.fillings[(Self.fillings.count - 1) * $0.percent / 100] }.joined()
    let total = parts.reduce(0) { $0 + $1.total }
    let isKnown = total > 0 && !parts.contains { $0.phase == .working && $0.total == 0 }
    let current = ByteSize.decimal(Double(parts.reduce(0) { $0 + min($1.current, $1.total) }))
    let amount = isKnown ? " \(current) / \(ByteSize.decimal(Double(total)))" : ""
    return "\(event.id) [\(marks)]\(amount) \(event.text)"
  }

  private func paint(_ text: String, _ colour: Colour) -> String {
    isColoured && !text.isEmpty ? colour.paint(text) : text
  }

  private static let fillings = ["⠀", "⡀", "⣀", "⣄", "⣤", "⣦", "⣶", "⣷", "⣿"]
  private static let turns = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"]

  private static func sign(of phase: ProgressEvent.Phase, _ tenths: Int64) -> String {
    switch phase {
    case .working: turns[Int(tenths) % turns.count]
    case .done: "✔"
    case .warning: "!"
    case .failed: "✘"
    }
  }
}
