import DockerAPI
import EngineErrors
import Linux
import TextFormats

/// What filters say, or what a client hears that wrote them wrong: nothing is listed or pruned by a filter that was
/// not understood.
extension Filters {
  /// Refuses keys that are not among the known ones.
  public func admit(_ known: Set<String>) throws(EngineError) {
    do throws(InvalidFilter) { try check(known) } catch { throw refused(error.description) }
  }

  /// A truth; nil where the key is absent.
  public func flag(_ key: String) throws(EngineError) -> Bool? {
    do throws(InvalidFilter) { return try truth(key) } catch { throw refused(error.description) }
  }

  /// The one moment of `until` in a prune.
  public func until() throws(EngineError) -> Timestamp? {
    let given = self["until"]
    guard given.count <= 1 else { throw refused("more than one until filter specified") }
    return try given.first.map(moment)
  }

  /// The earliest moment of a key's; nil where it has none.
  public func earliest(_ key: String) throws(EngineError) -> Timestamp? {
    try self[key].map(moment).min()
  }

  /// How long ago (`24h`), RFC 3339, or seconds since 1970 with a fraction.
  private func moment(_ text: String) throws(EngineError) -> Timestamp {
    // What is none of these is refused below.
    if text != "0", let duration = try? GoDuration.parse(text) {
      return Timestamp(nanoseconds: Clock.realtime.subtractingReportingOverflow(duration).partialValue)
    }
    if let moment = Timestamp(rfc3339: text) ?? Timestamp(unix: text) { return moment }
    throw refused("failed to parse value as time or duration: \"\(text)\"")
  }

  private func refused(_ why: String) -> EngineError { EngineError(.invalidArgument, why) }
}
