/// Why a text is no `--ulimit`, in docker's words.
public struct InvalidUlimit: Error, CustomStringConvertible, Sendable {
  public let description: String
}

extension Ulimit {
  /// What docker's flags call the limits of setrlimit(2).
  public static let names: Set<String> = [
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
    "rtprio", "rttime", "sigpending", "stack",
  ]

  /// `NAME=SOFT[:HARD]`; -1 means without limit.
  public init(_ text: String) throws(InvalidUlimit) {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2 else { throw InvalidUlimit(description: "invalid ulimit argument: \(text)") }
    guard Self.names.contains(parts[0]) else {
      throw InvalidUlimit(description: "invalid ulimit type: \(parts[0])")
    }
    let limits = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard limits.count <= 2 else {
      throw InvalidUlimit(
        description:
          "too many limit value arguments - \(parts[1]), can only have up to two, `soft[:hard]`")
    }
    self.init()
    name = parts[0]
    for (place, limit) in limits.enumerated().reversed() {
      guard let number = Int64(limit) else {
        throw InvalidUlimit(description: "strconv.ParseInt: parsing \"\(limit)\": invalid syntax")
      }
      if place == 0 { soft = number }
      if place == limits.count - 1 { hard = number }
    }
    guard hard == -1 || soft <= hard else {
      throw InvalidUlimit(
        description: "ulimit soft limit must be less than or equal to hard limit: \(soft) > \(hard)")
    }
  }

  /// Of several for the same limit the last holds; sorted by name, as docker sends them.
  public static func all(_ texts: [String]) throws(InvalidUlimit) -> [Ulimit] {
    var byName: [String: Ulimit] = [:]
    for text in texts {
      let ulimit = try Ulimit(text)
      byName[ulimit.name] = ulimit
    }
    return byName.values.sorted { $0.name < $1.name }
  }
}
