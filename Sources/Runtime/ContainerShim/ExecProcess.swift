import Linux
import OCISpec
import ShimProtocol

/// What runs beside the container's first process, as the runtime specification describes a process.
enum ExecProcess {
  /// As asked for; what was left open is taken from the container's own process.
  static func make(_ spec: ExecSpec, beside own: Bundle.Process) -> Bundle.Process {
    var process = own
    process.args = spec.arguments
    process.env = spec.environment
    process.cwd = spec.workingDirectory.isEmpty ? own.cwd : spec.workingDirectory
    process.user = Bundle.User(
      uid: spec.uid, gid: spec.gid, umask: own.user.umask, additionalGids: spec.additionalGroups)
    process.terminal = spec.terminal
    process.consoleSize = spec.consoleSize.map { Bundle.ConsoleSize(height: $0.rows, width: $0.columns) }
    process.noNewPrivileges = own.noNewPrivileges || spec.noNewPrivileges
    if let names = spec.capabilities ?? (spec.privileged ? Capabilities.bounding().memberNames : nil) {
      process.capabilities = Bundle.CapabilitySets(
        bounding: names, effective: names, inheritable: [], permitted: names, ambient: [])
    }
    return process
  }

  /// A probe runs as the container's own process does, without a terminal.
  static func probe(_ arguments: [String], beside own: Bundle.Process) -> Bundle.Process {
    var process = own
    process.args = arguments
    process.terminal = false
    process.consoleSize = nil
    return process
  }
}
