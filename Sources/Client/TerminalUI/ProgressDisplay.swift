import Linux
import TextFormats

/// Lines that change in place on a terminal, one for each thing that makes progress; plain lines elsewhere.
public struct ProgressDisplay: Sendable {
  /// One report.
  public struct Report: Sendable {
    /// What makes progress; reports of the same thing share a line. Nil is a line of its own.
    public var id: String?
    public var status: String
    public var current: Int64?
    public var total: Int64?

    public init(id: String? = nil, status: String, current: Int64? = nil, total: Int64? = nil) {
      self.id = id
      self.status = status
      self.current = current
      self.total = total
    }
  }

  private let stream: StandardStream
  private let inPlace: Bool
  private let width: Int
  private var lines: [String: Int] = [:]
  private var count = 0

  public init(on stream: StandardStream) {
    self.stream = stream
    inPlace = stream.isTerminal
    width = Int(stream.windowSize?.columns ?? 80)
  }

  public mutating func show(_ report: Report) {
    let head = report.id.map { "\($0): \(report.status)" } ?? report.status
    guard inPlace else {
      // Without a terminal only what begins and ends is told.
      if report.current == nil || report.current == 0 && report.total == nil { stream.line(head) }
      return
    }
    guard let id = report.id else {
      stream.line(head)
      lines = [:]
      count = 0
      return
    }
    let bar = Self.bar(report, room: width - head.count - 2)
    update(id, bar.isEmpty ? head : "\(head) \(bar)")
  }

  private mutating func update(_ id: String, _ text: String) {
    if let line = lines[id] {
      let up = count - line
      stream.write("\u{1B}[\(up)A\u{1B}[2K\r\(text)\r\u{1B}[\(up)B")
    } else {
      lines[id] = count
      count += 1
      stream.line(text)
    }
  }

  /// `[=====>    ]  1.2MB/3.4MB`, or the numbers alone where there is no room.
  static func bar(_ report: Report, room: Int) -> String {
    guard let current = report.current, current > 0 || report.total != nil else { return "" }
    let done = ByteSize.decimal(Double(current))
    guard let total = report.total, total > 0 else { return done }
    let numbers = "\(done)/\(ByteSize.decimal(Double(max(total, current))))"
    let width = 50
    guard room > width + 4 + numbers.count else { return numbers }
    let filled = Int(min(1, Double(current) / Double(total)) * Double(width))
    let arrow = filled < width ? ">" : ""
    return "[" + String(repeating: "=", count: filled) + arrow
      + String(repeating: " ", count: width - filled - arrow.count) + "]  " + numbers
  }
}
