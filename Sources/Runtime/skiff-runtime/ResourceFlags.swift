import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The limits that `update` is given: a document, or single flags.
enum ResourceFlags {
  static func read(_ flags: ArgumentReader) throws(RuntimeError) -> Bundle.Resources {
    if let path = flags.value("resources") { return try readDocument(path == "-" ? "/dev/stdin" : path) }
    func number(_ name: String) throws(RuntimeError) -> Int64? {
      guard let text = flags.value(name) else { return nil }
      guard let number = Int64(text) else { throw RuntimeError(.invalid, "--\(name): not a number: \(text)") }
      return number
    }
    var resources = Bundle.Resources()
    resources.memory = Bundle.Memory(limit: try number("memory"), swap: try number("memory-swap"))
    resources.cpu = Bundle.CPU(
      shares: try number("cpu-shares").map(UInt64.init(clamping:)), quota: try number("cpu-quota"),
      period: try number("cpu-period").map(UInt64.init(clamping:)))
    resources.pids = try number("pids-limit").map { Bundle.Pids(limit: $0) }
    return resources
  }

  private static func readDocument(_ path: String) throws(RuntimeError) -> Bundle.Resources {
    do {
      return try JSON.decode(Bundle.Resources.self, from: try Files.read(path))
    } catch {
      throw RuntimeError(.invalid, "read the limits: \(error)")
    }
  }
}
