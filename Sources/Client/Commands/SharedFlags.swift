import DockerAPI
import Flags
import JSON
import Linux
import OCISpec
import TextFormats

/// Flags that many commands have.
enum CommonFlags {
  static let formatTable = Flag.string(
    "format",
    """
    Format output using a custom template:
    'table':            A table with column headers (default)
    'table TEMPLATE':   A table by the given Go template
    'json':             JSON, a line for each
    'TEMPLATE':         Each by the given Go template
    """)
  static let formatInspect = Flag.string(
    "format|f",
    """
    Format output using a custom template:
    'json':             Print in JSON format
    'TEMPLATE':         Each by the given Go template
    """)
  static let filter = Flag.list(
    "filter|f", "Show only what meets conditions (key=value)", typeName: "filter", check: complaintAboutFilter
  )
  static let pruneFilter = Flag.list(
    "filter", "Remove only what meets conditions (e.g. \"until=24h\")", typeName: "filter",
    check: complaintAboutFilter)
  static let quietIDs = Flag.bool("quiet|q", "Only display IDs")
  static let noTruncation = Flag.bool("no-trunc", "Do not shorten anything")
  static let detachKeys = Flag.string("detach-keys", "The keys that detach from the container")
  static let platform = Flag.string("platform", "Platform of the image, as os[/arch[/variant]]")
  static let contentTrust = Flag.bool("disable-content-trust", "Accepted for Docker's sake", default: true)
    .hidden

  /// What is wrong with a word, as a flag's check tells it.
  static func complaint<Value>(
    _ read: @escaping @Sendable (String) throws -> Value
  ) -> @Sendable (String) -> String? {
    { word in
      do {
        _ = try read(word)
        return nil
      } catch {
        return "\(error)"
      }
    }
  }

  static let complaintAboutFilter: @Sendable (String) -> String? = { text in
    text.contains("=") || text.isEmpty ? nil : "bad format of filter (expected name=value)"
  }

  static let complaintAboutLabel: @Sendable (String) -> String? = { text in
    text.isEmpty || text.hasPrefix("=") ? "invalid label '\(text)': empty name" : nil
  }

  static let complaintAboutUlimit = complaint { try Ulimit($0) }

  /// What `--platform` names, in the JSON that the API wants; empty where the flag is not given.
  static func platform(_ arguments: Arguments) throws -> String {
    try platforms(arguments.isSet("platform") ? [arguments.string("platform")] : []).first ?? ""
  }

  static func platforms(_ words: [String]) throws -> [String] {
    try words.map { word in
      guard let platform = Platform(word) else {
        throw CommandFailure(
          "invalid platform: \"\(word)\": unknown operating system or architecture: invalid argument")
      }
      return String(decoding: JSON.encode(platform, as: .docker), as: UTF8.self)
    }
  }

  /// A size as `512m`.
  static func bytes(_ spec: String, _ summary: String) -> Flag {
    .string(spec, summary, typeName: "bytes", check: complaint { try ByteSize.parse($0) })
  }

  /// A size where -1 is allowed too.
  static func bytesOrUnlimited(_ spec: String, _ summary: String) -> Flag {
    let plain = bytes(spec, summary)
    return .string(spec, summary, typeName: "bytes") { $0 == "-1" ? nil : plain.check($0) }
  }

  static func duration(_ spec: String, _ summary: String) -> Flag {
    Flag(
      spec, .one, typeName: "duration", summary, standard: "0s", shownDefault: "0s",
      check: complaint { try GoDuration.parse($0) })
  }

  /// `key=value` words as filters.
  static func filters(_ words: [String]) -> Filters {
    var values: [String: [String]] = [:]
    for word in words where !word.isEmpty {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = String(parts[0]).trimmedAndLowercased()
      values[name, default: []].append(parts.count > 1 ? String(parts[1]) : "")
    }
    return Filters(values)
  }

  /// A size that a flag's check has let through; 0 when not given.
  static func size(_ arguments: Arguments, _ name: String) -> Int64 {
    let text = arguments.string(name)
    if text.isEmpty { return 0 }
    if text == "-1" { return -1 }
    // The flag's check has parsed it before.
    return (try? ByteSize.parse(text)) ?? 0
  }

  /// A duration that a flag's check has let through, in nanoseconds.
  static func nanoseconds(_ arguments: Arguments, _ name: String) -> Int64 {
    // The flag's check has parsed it before.
    (try? GoDuration.parse(arguments.string(name))) ?? 0
  }
}

extension String {
  /// Without the blanks at both ends.
  func trimmed() -> String { String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed()) }

  func trimmedAndLowercased() -> String { trimmed().lowercased() }
}

/// The present moment.
func now() -> Timestamp { Timestamp(nanoseconds: Clock.realtime) }
