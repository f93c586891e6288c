import ComposeModel
import DockerAPI
import JSON

extension Service {
  /// The name of the service's container `number`.
  func containerName(_ number: Int, in project: String, separator: String) -> String {
    containerName ?? [project, name, "\(number)"].joined(separator: separator)
  }
}

extension Project {
  /// The engine's name of a network or volume of this project.
  func networkName(_ key: String) -> String { networks[key]?["name"]?.string ?? "\(name)_\(key)" }
  func volumeName(_ key: String) -> String { volumes[key]?["name"]?.string ?? "\(name)_\(key)" }

  /// The services by name with those that must be up before each.
  var dependencyGraph: [String: Set<String>] {
    services.mapValues { service in Set(service.dependencies.keys).intersection(services.keys) }
  }

  /// The services so that each comes after those it depends on; by name where it does not matter.
  var namesInDependencyOrder: [String] {
    var order: [String] = []
    var done: Set<String> = []
    let graph = dependencyGraph
    func visit(_ name: String) {
      guard done.insert(name).inserted else { return }
      for next in (graph[name] ?? []).sorted() { visit(next) }
      order.append(name)
    }
    for name in serviceNames { visit(name) }
    return order
  }
}

enum ContainerName {
  /// A container's name without the project's, as `web-1`; the whole of one that the project did not make up.
  static func short(_ name: String, _ labels: [String: String]) -> String {
    let parts = [Label.project, Label.service, Label.number].compactMap { labels[$0] }
    guard parts.count == 3 else { return name }
    for separator in ["-", "_"] where name == parts.joined(separator: separator) {
      return parts.dropFirst().joined(separator: separator)
    }
    return name
  }
}

extension ContainerInspect {
  /// The name without the project's: `web-1`.
  var shortName: String { ContainerName.short(String(name.drop { $0 == "/" }), config.labels ?? [:]) }
}
