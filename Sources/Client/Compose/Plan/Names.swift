import ComposeModel
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
