import JSON
import PathPatterns

extension Project {
  /// Keeps the services that `profiles` enable; the others wait in `disabled`.
  mutating func enable(_ profiles: [String]) {
    let all = services.merging(disabled) { enabled, _ in enabled }
    services = all.filter { $0.value.hasProfile(profiles) }
    disabled = all.filter { !$0.value.hasProfile(profiles) }
    self.profiles = profiles
  }

  /// Enables services named by the user, and with them all that share their profiles.
  mutating func enableServices(_ names: [String]) {
    let missing = names.filter { services[$0] == nil }
    guard !missing.isEmpty else { return }
    enable(profiles + missing.flatMap { disabled[$0]?.list("profiles") ?? [] })
  }

  /// Which services come along with those named.
  public enum Company: Sendable { case dependencies, dependents, none }

  /// Keeps the services of `names` and those that come along; all where `names` is empty.
  public mutating func select(_ names: [String], with company: Company = .dependencies) throws(ComposeError) {
    guard !names.isEmpty else { return }
    var kept: Set<String> = []
    var queue = names.map { (name: $0, required: true) }
    while let (name, required) = queue.popLast() {
      guard let service = services[name] else {
        if required { throw ComposeError("no such service: \(name)") }
        continue
      }
      guard kept.insert(name).inserted else { continue }
      switch company {
      case .dependencies: queue += service.dependencies.map { ($0.key, $0.value.required) }
      case .dependents:
        queue += services.values.filter { $0.dependencies[name] != nil }.map { ($0.name, true) }
      case .none: break
      }
    }
    for (name, service) in services where !kept.contains(name) {
      disabled[name] = service
      services[name] = nil
    }
    for (name, service) in services { services[name] = Self.restricted(service, to: kept) }
  }

  private static func restricted(_ service: Service, to names: Set<String>) -> Service {
    var result = service
    let kept = service.members("depends_on").members.filter { names.contains($0.key) }
    result["depends_on"] =
      kept.isEmpty ? JSONValue?.none : .object(JSONObject(kept.map { ($0.key, $0.value) }))
    return result
  }

  /// Drops networks, volumes and files that no enabled service uses.
  mutating func dropUnused() {
    let used = services.values
    let networkNames = Set(used.flatMap { $0.members("networks").keys })
    networks = networks.filter { networkNames.contains($0.key) }
    let volumeNames = Set(
      used.flatMap { service in
        service.parts("volumes").filter { $0["type"]?.string == "volume" }.compactMap { $0["source"]?.string }
      })
    volumes = volumes.filter { volumeNames.contains($0.key) }
    let secretNames = Set(
      used.flatMap { service in
        let build = (service.build?["secrets"]?.array ?? []).compactMap(\.object)
        return (service.parts("secrets") + build).compactMap { $0["source"]?.string }
      })
    secrets = secrets.filter { secretNames.contains($0.key) }
    let configNames = Set(used.flatMap { $0.parts("configs").compactMap { $0["source"]?.string } })
    configs = configs.filter { configNames.contains($0.key) }
    let modelNames = Set(used.flatMap { $0.members("models").keys })
    models = models.filter { modelNames.contains($0.key) }
  }
}
