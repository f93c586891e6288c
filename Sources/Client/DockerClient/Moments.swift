import Linux
import TextFormats

/// Moments on command lines: seconds since 1970, a duration before now, or RFC 3339, of which the time or its end may be
/// left out; without an offset it is the user's time.
public enum Moments {
  /// As the engine wants it: seconds with a fraction; empty stays empty.
  public static func query(_ text: String) throws(InvalidMoment) -> String {
    if text.isEmpty { return "" }
    // Not a duration: then it must be one of the others.
    if let ago = try? GoDuration.parse(text) {
      return unix(Timestamp(nanoseconds: Clock.realtime &- ago))
    }
    if let moment = moment(text) { return unix(moment) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ Int64($0) != nil }) else {
      throw InvalidMoment(text: text)
    }
    return text
  }

  /// Reads what docker's documentation lists: `2006-01-02`, `2006-01-02T15`, `2006-01-02T15:04`, `2006-01-02T15:04:05.9`,
  /// each also with `Z` or an offset.
  static func moment(
    _ text: String, zone: (Int64) -> (offset: Int64, name: String) = Clock.zone(at:)
  ) -> Timestamp? {
    let hasZone = text.contains { "zZ+".contains($0) } || text.count { $0 == "-" } == 3
    guard let day = text.firstIndex(where: { "Tt".contains($0) }) else {
      guard hasZone else { return Timestamp(rfc3339: text).map { here($0, zone) } }
      return Timestamp(rfc3339: "\(text.prefix(10))T00:00:00\(text.dropFirst(10))")
    }
    let clock = text[text.index(after: day)...]
    let end = clock.firstIndex { "zZ+-".contains($0) } ?? clock.endIndex
    let minutes = clock[..<end].contains(":") ? "" : ":00"
    let full = "\(text[..<day])T\(clock[..<end])\(minutes)\(clock[end...])"
    guard let moment = Timestamp(rfc3339: full) else { return nil }
    return hasZone ? moment : here(moment, zone)
  }

  /// What was read as UTC, as the user's clock means it.
  private static func here(
    _ moment: Timestamp, _ zone: (Int64) -> (offset: Int64, name: String)
  ) -> Timestamp {
    let guess = moment.seconds - zone(moment.seconds).offset
    return Timestamp(nanoseconds: moment.nanoseconds - zone(guess).offset * 1_000_000_000)
  }

  private static func unix(_ moment: Timestamp) -> String { "\(moment.seconds).\(moment.fraction)" }
}

/// A text that names no moment.
public struct InvalidMoment: Error, Hashable, Sendable, CustomStringConvertible {
  public let text: String
  public var description: String { "failed to parse value as time or duration: \"\(text)\"" }
}
