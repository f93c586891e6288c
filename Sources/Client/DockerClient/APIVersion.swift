/// A version of the Engine API, as `1.50`.
public struct APIVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public var major: Int
  public var minor: Int

  public init(major: Int, minor: Int) {
    self.major = major
    self.minor = minor
  }

  public init?(_ text: String) {
    let parts = text.split(separator: ".").map { Int($0) }
    guard parts.count == 2, let major = parts[0], let minor = parts[1] else { return nil }
    self.init(major: major, minor: minor)
  }

  public static func < (left: APIVersion, right: APIVersion) -> Bool {
    (left.major, left.minor) < (right.major, right.minor)
  }

  public var description: String { "\(major).\(minor)" }
}

/// What an engine says of itself before anything else is asked.
public struct PingAnswer: Sendable {
  public let status: Int
  public let apiVersion: APIVersion
  public let operatingSystem: String
  /// `1` for the classic builder, `2` for BuildKit.
  public let builderVersion: String
  /// Whether what is still being tried out is there.
  public let isExperimental: Bool
  /// Whether it is Podman that speaks Docker's API.
  public let isPodman: Bool
}
