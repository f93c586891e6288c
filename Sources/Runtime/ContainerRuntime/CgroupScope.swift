import Cgroups
import Linux
import OCISpec
import Systemd

/// A container's cgroup as systemd makes it: a transient scope around the first process, whose inside is the
/// container's (`Delegate=`).
struct CgroupScope {
  let name: ScopeName
  /// Of the cgroup, absolute.
  let path: String
  private let id: String
  private let asked: [(name: String, value: BusValue)]
  private let systemd: SystemdConnection

  init(_ bundle: Bundle, id: String) throws(RuntimeError) {
    self.id = id
    name = try ScopeName(
      bundle.linux?.cgroupsPath ?? "", id: id, isUser: Identity.effectiveUser != 0)
    asked = try ScopeAnnotations.read(bundle.annotations)
    let systemd = try Self.step("use systemd's cgroups") { () throws(SystemdError) in
      try SystemdConnection.open()
    }
    path =
      try Self.step("use systemd's cgroups") { () throws(SystemdError) in try systemd.rootCgroup() }
      + name.path
    self.systemd = systemd
  }

  /// Starts it around a process.
  func start(_ process: Int32, limits: CgroupLimits?, unified: Bool) throws(RuntimeError) {
    var properties: [(name: String, value: BusValue)] = [
      ("Description", .string("container \(id)")), ("Slice", .string(name.slice)),
      ("PIDs", .array(of: "u", [.uint32(UInt32(process))])), ("Delegate", .boolean(true)),
      ("DefaultDependencies", .boolean(false)), ("MemoryAccounting", .boolean(true)),
      ("CPUAccounting", .boolean(true)), ("TasksAccounting", .boolean(true)),
      (unified ? "IOAccounting" : "BlockIOAccounting", .boolean(true)),
    ]
    if let limits {
      properties += try Self.properties(limits, unified: unified, by: systemd)
      properties += ScopeProperties.devices(limits.devices)
    }
    properties += asked
    try Self.step("start the unit \(name.unit)") { () throws(SystemdError) in
      try systemd.startScope(name.unit, properties)
    }
  }

  func stop() throws(RuntimeError) {
    try Self.step("stop the unit \(name.unit)") { () throws(SystemdError) in try systemd.stop(name.unit) }
  }

  /// Changes the limits of the scope of that name.
  static func limit(_ unit: String, _ limits: CgroupLimits, unified: Bool) throws(RuntimeError) {
    let systemd = try step("use systemd's cgroups") { () throws(SystemdError) in try SystemdConnection.open()
    }
    let properties = try properties(limits, unified: unified, by: systemd)
    try step("change the unit \(unit)") { () throws(SystemdError) in try systemd.set(unit, properties) }
  }

  /// Ends the scope of that name; one that is gone is fine.
  static func stop(_ unit: String) throws(RuntimeError) {
    try step("stop the unit \(unit)") { () throws(SystemdError) in try SystemdConnection.open().stop(unit) }
  }

  private static func properties(
    _ limits: CgroupLimits, unified: Bool, by systemd: SystemdConnection
  ) throws(RuntimeError) -> [(name: String, value: BusValue)] {
    let version = try step("use systemd's cgroups") { () throws(SystemdError) in try systemd.version() }
    return ScopeProperties.limits(limits, unified: unified, version: version)
  }

  private static func step<R>(_ name: String, _ body: () throws(SystemdError) -> R) throws(RuntimeError) -> R
  {
    do throws(SystemdError) { return try body() } catch { throw RuntimeError(.failed, "\(name): \(error)") }
  }
}
