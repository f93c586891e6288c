/// Transient scopes: units around processes that somebody else has made (systemd.scope(5)).
extension SystemdConnection {
  /// The number in its version: `252.38-1~deb12u1` is 252; 0 for what has none.
  public func version() throws(SystemdError) -> Int {
    let text = try property("Version", of: Self.root, Self.interface).text ?? ""
    // Some builds say `v252`, some `systemd 252`.
    return Int(text.drop { !$0.isNumber }.prefix { $0.isNumber }) ?? 0
  }

  /// The cgroup below which it keeps its units: empty for the machine's own, `/user.slice/…` for a user's.
  public func rootCgroup() throws(SystemdError) -> String {
    let path = try property("ControlGroup", of: Self.root, Self.interface).text ?? ""
    return path.split(separator: "/").map { "/\($0)" }.joined()
  }

  /// Makes a unit and waits until the processes are in it. A failed one of this name makes way.
  public func startScope(_ unit: String, _ properties: [(name: String, value: BusValue)]) throws(SystemdError)
  {
    do throws(SystemdError) { try start(unit, properties) } catch {
      guard error.isOfExistingUnit else { throw error }
      try resetFailed(unit)
      try start(unit, properties)
    }
  }

  private func start(_ unit: String, _ properties: [(name: String, value: BusValue)]) throws(SystemdError) {
    let answer = try call(
      Self.root, Self.interface, "StartTransientUnit",
      [.string(unit), .string("replace"), .properties(properties), .array(of: "(sa(sv))", [])])
    try waitForJob(in: answer, unit)
  }

  /// Stops a unit and waits for that; one that is gone is fine.
  public func stop(_ unit: String) throws(SystemdError) {
    do throws(SystemdError) {
      try waitForJob(
        in: try call(Self.root, Self.interface, "StopUnit", [.string(unit), .string("replace")]), unit)
    } catch {
      guard error.isOfNoUnit else { throw error }
    }
    try resetFailed(unit)
  }

  /// Changes properties of a running unit until it ends.
  public func set(_ unit: String, _ properties: [(name: String, value: BusValue)]) throws(SystemdError) {
    if properties.isEmpty { return }
    _ = try call(
      Self.root, Self.interface, "SetUnitProperties",
      [.string(unit), .boolean(true), .properties(properties)])
  }

  /// Has it forget that the unit failed; one that it does not know is fine.
  private func resetFailed(_ unit: String) throws(SystemdError) {
    do throws(SystemdError) {
      _ = try call(Self.root, Self.interface, "ResetFailedUnit", [.string(unit)])
    } catch {
      guard error.isOfNoUnit else { throw error }
    }
  }

  private func waitForJob(in answer: [BusValue], _ unit: String) throws(SystemdError) {
    guard let job = answer.first?.text else { throw .nonsense("no job for \(unit)") }
    try wait(for: job, of: unit)
  }

  func property(_ name: String, of path: String, _ interface: String) throws(SystemdError) -> BusValue {
    let answer = try call(
      path, "org.freedesktop.DBus.Properties", "Get", [.string(interface), .string(name)])
    guard let value = answer.first else { throw .nonsense("no value of \(name)") }
    return value
  }
}
