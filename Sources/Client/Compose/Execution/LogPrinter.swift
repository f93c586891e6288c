import Linux
import Synchronization
import TerminalUI

/// Prints what containers write, each line behind the container's name, each name in a colour of its own.
final class LogPrinter: Sendable {
  private struct State {
    var width = 0
    var colours: [String: String] = [:]
    var pending: [String: [UInt8]] = [:]
  }

  private let state = Mutex(State())
  private let coloured: Bool
  private let prefixed: Bool

  init(coloured: Bool, prefixed: Bool) {
    self.coloured = coloured
    self.prefixed = prefixed
  }

  /// The order in which docker compose hands out colours.
  private static let palette = ["36", "33", "32", "35", "34", "36;1", "33;1", "32;1", "35;1", "34;1"]

  /// Makes room for the names of containers.
  func register(_ names: some Sequence<String>) {
    state.withLock { state in
      for name in names {
        state.width = max(state.width, name.count)
        if state.colours[name] == nil {
          state.colours[name] = Self.palette[state.colours.count % Self.palette.count]
        }
      }
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
    let line = "\(name) \(text)"
    let colour = coloured ? state.withLock { $0.colours[name] } : nil
    StandardStream.output.line(colour.map { "\u{1B}[\($0)m\(line)\u{1B}[0m" } ?? line)
  }

  private func print(_ line: [UInt8], of name: String, _ stream: StandardStream) {
    stream.write(Array(prefix(name).utf8) + line + [10])
  }

  private func prefix(_ name: String) -> String {
    guard prefixed else { return "" }
    let (width, colour) = state.withLock { ($0.width, $0.colours[name]) }
    let text = name + String(repeating: " ", count: max(0, width - name.count)) + "  | "
    guard coloured, let colour else { return text }
    return "\u{1B}[\(colour)m\(text)\u{1B}[0m"
  }
}
