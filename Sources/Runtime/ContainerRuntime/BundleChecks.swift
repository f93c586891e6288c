import JSON
import Linux
import OCISpec

extension Bundle {
  /// Reads the `config.json` of a bundle's directory.
  static func read(_ directory: String) throws(RuntimeError) -> (bundle: Bundle, bytes: [UInt8]) {
    let path = "\(directory)/config.json"
    let bytes = try step("read the bundle") { () throws(SyscallError) in try Files.read(path) }
    do throws(JSONError) { return (try JSON.decode(Bundle.self, from: bytes), bytes) } catch {
      throw RuntimeError(.invalid, "\(path): \(error)")
    }
  }

  /// As the text of a `config.json`.
  var text: [UInt8] { JSON.encode(self) }

  /// Says no to what makes no sense, before anything is made.
  func check(unifiedCgroups: Bool = true) throws(RuntimeError) {
    if !unifiedCgroups, let files = linux?.resources?.unified, !files.isEmpty {
      throw RuntimeError(.invalid, "unified resources need cgroups of version 2")
    }
    guard let root, !root.path.isEmpty else {
      throw RuntimeError(.invalid, "the bundle names no root file system")
    }
    guard let process else { throw RuntimeError(.invalid, "the bundle names no process") }
    try process.check()
    let namespaces = linux?.namespaces ?? []
    guard namespaces.contains(where: { $0.type == .mount && $0.path == nil }) else {
      throw RuntimeError(.invalid, "a container needs a mount namespace of its own")
    }
    var seen: Set<Namespace.Kind> = []
    for namespace in namespaces {
      guard seen.insert(namespace.type).inserted else {
        throw RuntimeError(.invalid, "the namespace \(namespace.type.rawValue) is listed twice")
      }
      if let path = namespace.path, !path.hasPrefix("/") {
        throw RuntimeError(
          .invalid, "the path of the namespace \(namespace.type.rawValue) is not absolute: \(path)")
      }
    }
    guard !seen.contains(.time) else { throw RuntimeError(.invalid, "time namespaces are not supported") }
    if hostname ?? "" != "" && !seen.contains(.uts) {
      throw RuntimeError(.invalid, "a hostname needs a uts namespace of its own")
    }
    for mount in mounts where !mount.destination.hasPrefix("/") {
      throw RuntimeError(.invalid, "the mount destination is not absolute: \(mount.destination)")
    }
    for (name, _) in linux?.sysctl ?? [:] {
      if let objection = KernelParameters.objection(to: name, namespaces: seen) {
        throw RuntimeError(.invalid, objection)
      }
    }
    for device in linux?.devices ?? [] where !device.path.hasPrefix("/") || !"cubp".contains(device.type) {
      throw RuntimeError(.invalid, "the device \(device.path) of type \(device.type) makes no sense")
    }
  }

  /// The kinds of namespaces that the container has to itself or joins.
  var namespaceKinds: Namespaces {
    (linux?.namespaces ?? []).reduce(into: Namespaces()) { $0.insert($1.type.flag) }
  }
}

extension Bundle.Process {
  func check() throws(RuntimeError) {
    guard let command = args.first, !command.isEmpty else {
      throw RuntimeError(.invalid, "the process has no arguments")
    }
    guard cwd.hasPrefix("/") else {
      throw RuntimeError(.invalid, "the working directory is not absolute: \"\(cwd)\"")
    }
    guard scheduler == nil else { throw RuntimeError(.invalid, "scheduler attributes are not supported") }
    for text in args + env where text.utf8.contains(0) {
      throw RuntimeError(.invalid, "an argument or variable holds a NUL byte")
    }
  }
}

extension Bundle.Namespace.Kind {
  var flag: Namespaces {
    switch self {
    case .pid: .pid
    case .network: .network
    case .mount: .mount
    case .ipc: .ipc
    case .uts: .uts
    case .user: .user
    case .cgroup: .cgroup
    case .time: .time
    }
  }
}
