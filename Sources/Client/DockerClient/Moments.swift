import Linux
import TextFormats

/// Moments on command lines: RFC 3339, seconds since 1970, or a duration before now.
public enum Moments {
  /// As the engine wants it: seconds with a fraction; empty stays empty.
  public static func query(_ text: String) throws(InvalidMoment) -> String {
    if text.isEmpty { return "" }
    // Not a duration: then it must be one of the others.
    if let ago = try? GoDuration.parse(text) {
      return seconds(Timestamp(nanoseconds: Clock.realtime &- ago))
    }
    if let moment = Timestamp(rfc3339: text) { return seconds(moment) }
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, parts.allSatisfy({ Int64($0) != nil }) else {
      throw InvalidMoment(text: text)
    }
    return text
  }

  private static func seconds(_ moment: Timestamp) -> String {
    let fraction = String(moment.nanoseconds - moment.seconds * 1_000_000_000)
    return "\(moment.seconds)." + String(repeating: "0", count: 9 - fraction.count) + fraction
  }
}

/// A text that names no moment.
public struct InvalidMoment: Error, Hashable, Sendable, CustomStringConvertible {
  public let text: String
  public var description: String { "failed to parse value as time or duration: \"\(text)\"" }
}
