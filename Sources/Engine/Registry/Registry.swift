/// Registries that speak the distribution API.
public final class Registry: Sendable {
  public init() {}
}
