import DockerAPI

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
