import DockerAPI

extension ContainerSummary {
  /// What an engine that makes notes notes of it, for people: `web: killed: …`. That a process cannot hear its stop signal
  /// matters when it is stopped.
  public func noteLines(whenStopped: Bool = false) -> [String] {
    let name = names.first.map { $0.drop { $0 == "/" } } ?? id.prefix(12)
    return (notes ?? []).filter { whenStopped || $0.kind != .deaf }.map { "\(name): \($0.text)" }
  }
}
