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
  private var places: [String: Int] = [:]
  /// The columns that each line takes.
  private var widths: [Int] = []

  public init(on stream: StandardStream) {
    self.stream = stream
    inPlace = stream.drawsInPlace
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
      places = [:]
      widths = []
      return
    }
    let size = stream.drawingSize
    let bar = Self.bar(report, columns: size.columns)
    update(id, Ellipsis.shorten(bar.isEmpty ? head : "\(head) \(bar)", to: size.columns - 1), size)
  }

  private mutating func update(_ id: String, _ text: String, _ size: (columns: Int, rows: Int)) {
    guard let place = places[id] else {
      places[id] = widths.count
      widths.append(Ellipsis.columns(of: text))
      return stream.line(text)
    }
    let up = DrawnLines.rows(widths[place...], columns: size.columns)
    // What has left the screen cannot be drawn over.
    guard up < size.rows else { return }
    widths[place] = Ellipsis.columns(of: text)
    stream.write("\u{1B}[\(up)A\u{1B}[2K\r\(text)\r\u{1B}[\(up)B")
  }

  /// `[=====>    ]  1.2MB/3.4MB`, or the numbers alone where there is no room.
  static func bar(_ report: Report, columns: Int) -> String {
    guard let current = report.current, current > 0 || report.total != nil else { return "" }
    let done = ByteSize.decimal(Double(current))
    let padded = String(repeating: " ", count: max(0, 8 - done.count)) + done
    guard let total = report.total, total > 0 else { return padded }
    // More than all there is: the size that was promised was wrong.
    let numbers = current > total ? padded : "\(padded)/\(ByteSize.decimal(Double(total)))"
    let width = 50
    guard columns > 110 else { return numbers }
    let filled = Int(min(1, Double(current) / Double(total)) * Double(width))
    return "[" + String(repeating: "=", count: filled) + ">" + String(repeating: " ", count: width - filled)
      + "] "
      + numbers
  }
}
