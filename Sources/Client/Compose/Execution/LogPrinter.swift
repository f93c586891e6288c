import DockerClient
import Linux
import Synchronization
import TerminalUI
import TextFormats

/// Prints what containers write, each line behind the container's name, each name in a colour of its own.
///
/// Names stand in a column as wide as the longest one shown so far, as docker compose has it: who says nothing takes no room.
/// A name may be followed by more (`web-1 ->`): it then has the colour of its first word.
final class LogPrinter: Sendable {
  private struct State {
    var width = 0
    var colours: [String: String] = [:]
    var pending: [String: [UInt8]] = [:]
  }

  private let state = Mutex(State())
  private let coloured: Bool
  private let prefixed: Bool
  private let timestamps: Bool
  /// Whether what containers write to standard error goes to our standard output, too.
  private let merges: Bool

  init(coloured: Bool, prefixed: Bool, timestamps: Bool = false, merges: Bool = false) {
    (self.coloured, self.prefixed) = (coloured, prefixed)
    (self.timestamps, self.merges) = (timestamps, merges)
  }

  /// The order in which docker compose hands out colours.
  private static let palette = ["36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"]
  /// What stands for the name of the watch over files; its width counts, too.
  private static let watch = "#watch"
  private static let watchColour = "92"

  /// Gives the names of containers their colours, in this order.
  func register(_ names: some Sequence<String>) {
    state.withLock { state in
      for name in names where state.colours[name] == nil {
        state.colours[name] = Self.palette[state.colours.count % Self.palette.count]
      }
    }
  }

  /// Makes room for names whose lines are still to come.
  func reserve(_ names: some Sequence<String>) {
    state.withLock { state in
      for name in names { state.width = max(state.width, name.count) }
    }
  }

  /// Takes bytes of one stream of a container; whole lines are printed.
  func take(_ bytes: [UInt8], of name: String, _ stream: StandardStream) {
    let lines = state.withLock { state -> [[UInt8]] in
      let key = "\(stream.rawValue) \(name)"
      var rest = (state.pending[key] ?? []) + bytes
      var lines: [[UInt8]] = []
      while let end = rest.firstIndex(of: 10) {
        lines.append(Array(rest[..<end]))
        rest.removeFirst(end + 1)
      }
      state.pending[key] = rest
      return lines
    }
    for line in lines { print(line, of: name, stream) }
  }

  /// Prints what is left of a container whose output has ended.
  func finish(_ name: String) {
    for stream in [StandardStream.output, .error] {
      let rest = state.withLock { $0.pending.removeValue(forKey: "\(stream.rawValue) \(name)") ?? [] }
      if !rest.isEmpty { print(rest, of: name, stream) }
    }
  }

  /// A line of our own about a container, without the bar that stands before what it says itself.
  func tell(_ name: String, _ text: String) {
    reserve([name])
    StandardStream.output.line(painted("\(name) \(text)", colour(of: name)))
  }

  /// A line of our own about the watch over files.
  func tellOfWatch(_ text: String) {
    StandardStream.output.line(watchPrefix() + time() + text)
  }

  /// What stands before a line about the watch.
  func watchPrefix() -> String {
    guard prefixed else { return "" }
    let width = widened(by: Self.watch)
    return painted(String(repeating: " ", count: width + 1) + " ⦿ ", Self.watchColour)
  }

  private func print(_ line: [UInt8], of name: String, _ stream: StandardStream) {
    (merges ? .output : stream).write(Array((prefix(name) + time()).utf8) + line + [10])
  }

  /// The moment at which a line is shown, where that is wanted.
  private func time() -> String {
    guard timestamps else { return "" }
    return LocalTime(Timestamp(nanoseconds: Clock.realtime)).rfc3339Nano + " "
  }

  /// What stands before a line of a container.
  func prefix(_ name: String) -> String {
    guard prefixed else { return "" }
    let width = widened(by: name)
    let text = name + String(repeating: " ", count: max(0, width - name.count)) + "  | "
    return painted(text, colour(of: name))
  }

  private func widened(by name: String) -> Int {
    reserve([name])
    return state.withLock { $0.width }
  }

  private func colour(of name: String) -> String? {
    let first = name.split(separator: " ").first.map(String.init) ?? name
    return state.withLock { $0.colours[first] }
  }

  private func painted(_ text: String, _ colour: String?) -> String {
    guard coloured, let colour else { return text }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }
}
