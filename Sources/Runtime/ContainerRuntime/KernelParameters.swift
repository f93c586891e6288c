import Linux
import OCISpec

/// A container's sysctls: only those that belong to a namespace of its own.
enum KernelParameters {
  /// Why a parameter may not be set; nil when it may.
  static func objection(to name: String, namespaces: Set<Bundle.Namespace.Kind>) -> String? {
    let dotted = normalized(name)
    // `net.//.kernel.x` would be a way out of `net`.
    guard path(of: name).split(separator: "/", omittingEmptySubsequences: false).allSatisfy(isComponent)
    else {
      return "sysctl \(name) is no sysctl's name"
    }
    if NamespacedSysctls.isOfIPC(dotted) {
      return namespaces.contains(.ipc) ? nil : "sysctl \(name) is not allowed in the host's ipc namespace"
    }
    if NamespacedSysctls.isOfNetwork(dotted) {
      return namespaces.contains(.network)
        ? nil : "sysctl \(name) is not allowed in the host's network namespace"
    }
    if dotted == "kernel.domainname" {
      return namespaces.contains(.uts) ? nil : "sysctl \(name) is not allowed in the host's uts namespace"
    }
    if dotted == "kernel.hostname" { return "sysctl \(name) is set by the hostname of the bundle" }
    if dotted.hasPrefix("user.") {
      return namespaces.contains(.user) ? nil : "sysctl \(name) is not allowed in the host's user namespace"
    }
    return "sysctl \(name) is not in a separate kernel namespace"
  }

  /// `net/ipv4/conf/eth0.1/x` and `net.ipv4.x` as sysctl(8) reads them: the first separator decides.
  static func normalized(_ name: String) -> String {
    guard let first = name.first(where: { $0 == "." || $0 == "/" }), first == "/" else { return name }
    return String(name.map { $0 == "/" ? "." : $0 == "." ? "/" : $0 })
  }

  /// Below /proc/sys.
  private static func path(of name: String) -> String {
    String(normalized(name).map { $0 == "." ? "/" : $0 == "/" ? "." : $0 })
  }

  private static func isComponent(_ part: Substring) -> Bool { !["", ".", ".."].contains(part) }

  /// Writes them through the container's own, freshly mounted `/proc`: its very root, and no mount that
  /// somebody may have put over a file below it in the meantime (CVE-2025-52881).
  static func write(_ parameters: [String: String], in root: borrowing RootDirectory) throws(RuntimeError) {
    if parameters.isEmpty { return }
    let proc = try step("open the container's /proc") { () throws(SyscallError) in
      try ProcessFileSystem.root(
        try root.descriptor.open(inside: "/proc", [.path, .directory], resolve: [.inRoot, .noSymbolicLinks]))
    }
    for (name, value) in parameters.sorted(by: { $0.key < $1.key }) {
      let path = "sys/" + path(of: name)
      try step("set sysctl \(name) to \(value)") { () throws(SyscallError) in
        try ProcessFileSystem.open(path, in: proc, .writeOnly).write(value.utf8)
      }
    }
  }
}
