import Linux
import TextFormats

/// A moment as the user's clock shows it, in the forms of docker's tables.
public struct LocalTime: Sendable {
  private let moment: Timestamp
  private let offset: Int64
  private let zone: String

  /// `zone`: how far the clock is ahead of UTC at some seconds since 1970, and what it is called then.
  public init(
    _ moment: Timestamp, zone: (Int64) -> (offset: Int64, name: String) = Clock.zone(at:)
  ) {
    self.moment = moment
    (offset, self.zone) = zone(moment.seconds)
  }

  /// `2024-01-02`.
  public var date: String { shifted.date }
  /// `03:04:05`.
  public var time: String { shifted.time }
  /// As Go's `Time.String`: `2024-01-02 03:04:05 +0100 CET`.
  public var goText: String { "\(date) \(time) \(offsetText(parting: "")) \(zone)" }
  /// The same of a moment with fractions of a second: `2024-01-02 03:04:05.000000001 +0100 CET`.
  public var goTextNano: String {
    "\(date) \(time)\(moment.shortFraction) \(offsetText(parting: "")) \(zone)"
  }
  /// `2024-01-02T03:04:05+01:00`, in whole seconds.
  public var rfc3339: String { "\(date)T\(time)\(suffix)" }
  /// `2024-01-02T03:04:05.000000001+01:00`, always with nine digits.
  public var rfc3339Nano: String { "\(date)T\(time).\(moment.fraction)\(suffix)" }

  private var shifted: Timestamp { Timestamp(seconds: moment.seconds + offset) }
  private var suffix: String { offset == 0 ? "Z" : offsetText(parting: ":") }

  private func offsetText(parting colon: String) -> String {
    let minutes = abs(offset) / 60
    let digits = [minutes / 60, minutes % 60].map { $0 < 10 ? "0\($0)" : "\($0)" }
    return (offset < 0 ? "-" : "+") + digits.joined(separator: colon)
  }
}
