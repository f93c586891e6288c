import DockerAPI
import EngineErrors
import ShimProtocol

/// What a container's configuration says of its health; pure.
enum HealthWishes {
  /// The label that says what becomes of a container that has become unhealthy.
  static let actionLabel = "org.skiff.health.on-unhealthy"

  /// Nil where nothing is to be probed.
  static func check(_ config: ContainerConfig) -> HealthCheck? {
    guard let asked = config.healthcheck, let test = asked.test, let kind = test.first, kind != "NONE" else {
      return nil
    }
    func or(_ value: Int64?, seconds: Int64) -> Int64 {
      value.flatMap { $0 > 0 ? $0 : nil } ?? seconds * 1_000_000_000
    }
    let words = Array(test.dropFirst())
    let shell = config.shell ?? ["/bin/sh", "-c"]
    var check = HealthCheck(
      arguments: kind == "CMD-SHELL" ? shell + words : words, interval: or(asked.interval, seconds: 30),
      timeout: or(asked.timeout, seconds: 30), startPeriod: asked.startPeriod ?? 0,
      startInterval: or(asked.startInterval, seconds: 5),
      retries: asked.retries.flatMap { $0 > 0 ? $0 : nil } ?? 3)
    guard let url = ProbeTarget.url(inTest: test) else { return check }
    do throws(ProbeTargetError) {
      check.target = completed(try ProbeTarget(url: url), config.env ?? [])
    } catch {
      check.refusal = error.description
    }
    return check
  }

  /// PostgreSQL writes into its log who has no role: the user that the image makes has one.
  private static func completed(_ target: ProbeTarget, _ environment: [String]) -> ProbeTarget {
    func value(_ name: String) -> String? {
      environment.last { $0.hasPrefix("\(name)=") }.map { String($0.dropFirst(name.utf8.count + 1)) }
    }
    guard target.scheme == .postgres, target.user == nil else { return target }
    var target = target
    target.user = value("POSTGRES_USER") ?? "postgres"
    if target.database == nil { target.database = value("POSTGRES_DB") ?? target.user }
    return target
  }

  /// Nil leaves an unhealthy container as it is.
  static func action(_ config: ContainerConfig) -> UnhealthyAction? {
    config.labels?[actionLabel].flatMap { UnhealthyAction(rawValue: $0) }
  }

  /// Refuses what the user has asked for and nobody could do. An image's own wishes are not refused: such probes fail.
  static func refuse(_ config: ContainerConfig) throws(EngineError) {
    if let url = config.healthcheck?.test.flatMap({ ProbeTarget.url(inTest: $0) }) {
      do throws(ProbeTargetError) { _ = try ProbeTarget(url: url) } catch {
        throw EngineError(.invalidArgument, error.description)
      }
    }
    guard let action = config.labels?[actionLabel], action != "none", UnhealthyAction(rawValue: action) == nil
    else { return }
    throw EngineError(
      .invalidArgument, "label \(actionLabel): \(action) is none of none, restart, kill and stop")
  }
}
