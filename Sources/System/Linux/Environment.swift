import Glibc

/// The environment this program was started with (environ(7)).
public enum Environment {
  /// The value, or nil when the name is not set.
  public static func value(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }

  /// All of it as `NAME=value`.
  public static func all() -> [String] {
    var entries: [String] = []
    var next = environ
    while let entry = next.pointee {
      entries.append(String(cString: entry))
      next += 1
    }
    return entries
  }
}
