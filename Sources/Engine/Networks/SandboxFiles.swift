import EngineErrors
import JSON
import Linux

/// The files of sandboxes in the exec root. They are small, and the exec root is usually memory: writing one takes
/// some 50 µs, and in order.
struct SandboxFiles: Sendable {
  let execRoot: String

  func prepare() throws(EngineError) {
    try failing(.internal, "prepare \(execRoot)") {
      for name in ["netns", "names", "containers", "sandboxes"] {
        try Files.makeDirectories("\(execRoot)/\(name)", mode: 0o711)
        try Files.sweepAside("\(execRoot)/\(name)")
      }
    }
  }

  func namespace(_ id: String) -> String { "\(execRoot)/netns/\(id)" }
  func names(_ networkID: String) -> String { "\(execRoot)/names/\(networkID)" }
  func resolver(_ id: String) -> String { "\(execRoot)/containers/\(id).dns" }
  func links(_ id: String) -> String { "\(execRoot)/containers/\(id).links" }
  /// The addresses that a container's published ports lead to, one a line.
  func portTargets(_ id: String) -> String { "\(execRoot)/containers/\(id).ports" }
  private func record(_ id: String) -> String { "\(execRoot)/sandboxes/\(id).json" }

  func write(_ text: String, to path: String) throws(EngineError) {
    try failing(.internal, "write \(path)") { try Files.replace(path, text.utf8, durable: false) }
  }

  func write(_ sandbox: SandboxRecord) throws(EngineError) {
    let path = record(sandbox.id)
    try failing(.internal, "write \(path)") {
      try Files.replace(path, JSON.encode(sandbox), mode: 0o600, durable: false)
    }
  }

  /// Everything of a container but its namespace.
  func remove(_ id: String) {
    for path in [record(id), resolver(id), links(id), portTargets(id)] { unlink(path) }
  }

  func unlink(_ path: String) {
    do throws(SyscallError) { try Files.unlink(path) } catch { Log.warning("\(error)") }
  }

  /// Every sandbox that was written down; a record that cannot be read is moved aside.
  func sandboxes() throws(EngineError) -> [SandboxRecord] {
    try failing(.internal, "read the sandboxes") {
      var records: [SandboxRecord] = []
      for name in try Files.names(in: "\(execRoot)/sandboxes") where name.hasSuffix(".json") {
        let path = "\(execRoot)/sandboxes/\(name)"
        do {
          records.append(try JSON.decode(SandboxRecord.self, from: try Files.read(path)))
        } catch {
          Log.error("\(path) cannot be read, it is kept as \(name).bad: \(error)")
          try Files.rename(path, to: path + ".bad")
        }
      }
      return records
    }
  }

  /// Removes what belongs to no network and no container that is known. Answers the containers whose namespaces
  /// are pinned and that nobody knows.
  func sweep(networks: Set<String>, containers: Set<String>) throws(EngineError) -> [String] {
    try failing(.internal, "sweep \(execRoot)") {
      for name in try Files.names(in: "\(execRoot)/names") where !networks.contains(name) {
        unlink("\(execRoot)/names/\(name)")
      }
      for name in try Files.names(in: "\(execRoot)/containers") {
        let parts = name.split(separator: ".")
        guard parts.count > 1, parts[1] == "dns" || parts[1] == "links" else { continue }
        if !containers.contains(String(parts[0])) { unlink("\(execRoot)/containers/\(name)") }
      }
      return try Files.names(in: "\(execRoot)/netns").filter { !containers.contains($0) }
    }
  }
}
