import DockerAPI

/// `--ulimit nofile=1024:2048`.
enum UlimitFlag {
  private static let names: Set<String> = [
    "core", "cpu", "data", "fsize", "locks", "memlock", "msgqueue", "nice", "nofile", "nproc", "rss",
    "rtprio", "rttime",
    "sigpending", "stack",
  ]

  static let complaint: @Sendable (String) -> String? = { text in
    if case .failure(let fault) = parse(text) { fault.description } else { nil }
  }

  static func parse(_ text: String) -> Result<Ulimit, CommandFailure> {
    let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2 else { return .failure(CommandFailure("invalid ulimit argument: \(text)")) }
    guard names.contains(String(parts[0])) else {
      return .failure(CommandFailure("invalid ulimit type: \(parts[0])"))
    }
    let limits = parts[1].split(separator: ":", omittingEmptySubsequences: false)
    guard limits.count <= 2 else {
      return .failure(
        CommandFailure("too many limit value arguments - \(parts[1]), can only have up to two, `soft[:hard]`")
      )
    }
    var ulimit = Ulimit()
    ulimit.name = String(parts[0])
    for (place, limit) in limits.enumerated().reversed() {
      guard let number = Int64(limit) else {
        return .failure(CommandFailure("strconv.ParseInt: parsing \"\(limit)\": invalid syntax"))
      }
      if place == 0 { ulimit.soft = number }
      if place == limits.count - 1 { ulimit.hard = number }
    }
    if ulimit.hard != -1, ulimit.soft > ulimit.hard {
      return .failure(
        CommandFailure(
          "ulimit soft limit must be less than or equal to hard limit: \(ulimit.soft) > \(ulimit.hard)"))
    }
    return .success(ulimit)
  }

  /// The last of several for the same limit wins; sorted by name, as docker sends them.
  static func all(_ words: [String]) throws -> [Ulimit] {
    var byName: [String: Ulimit] = [:]
    for word in words {
      let ulimit = try parse(word).get()
      byName[ulimit.name] = ulimit
    }
    return byName.values.sorted { $0.name < $1.name }
  }
}
