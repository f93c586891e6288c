import Linux

/// Why systemd did not do what it was asked.
public enum SystemdError: Error, Hashable, Sendable, CustomStringConvertible {
  /// It is not there, or not for this user.
  case unreachable(String)
  /// What came is no D-Bus.
  case nonsense(String)
  /// Its own words.
  case refused(name: String, message: String)
  /// What it began with a unit has not come to a good end: `failed`, `timeout`, ….
  case job(unit: String, result: String)
  /// It has not answered for so many seconds.
  case silent(Int)

  public var description: String {
    switch self {
    case .unreachable(let why): "systemd cannot be reached: \(why)"
    case .nonsense(let what): "systemd sent \(what)"
    case .refused(_, let message): "systemd: \(message)"
    case .job(let unit, let result): "systemd: the job for \(unit) ended with \"\(result)\""
    case .silent(let seconds): "systemd has not answered for \(seconds) seconds"
    }
  }

  var isOfNoUnit: Bool { named("org.freedesktop.systemd1.NoSuchUnit") }
  var isOfExistingUnit: Bool { named("org.freedesktop.systemd1.UnitExists") }

  private func named(_ wanted: String) -> Bool {
    if case .refused(let name, _) = self { return name == wanted }
    return false
  }
}
