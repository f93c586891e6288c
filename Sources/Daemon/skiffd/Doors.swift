import APIServer
import DaemonSettings
import Linux
import Reactor
import TLS

/// One place where clients come in.
struct Door: Sendable {
  let name: String
  let listener: Listener
  /// Nil where bytes travel in the clear.
  let tls: TLSContext?
  /// To be removed at the end.
  let path: String?
  /// What limits those who come in here; nil for nothing.
  var scope: Scope?
}

/// Opens every place that the settings name; throws what an operator has to mend.
func openDoors(_ settings: DaemonSettings) throws -> [Door] {
  let tls = try settings.tls.map(serverContext)
  var doors: [Door] = []
  for text in settings.hosts {
    guard let endpoint = Endpoint(text, tls: tls != nil) else { continue }
    switch endpoint {
    case .unix(let path): doors.append(try unixDoor(path, group: settings.group, standard: "docker"))
    case .tcp(let host, let port):
      let listener = try tcpListener(host, port)
      doors.append(Door(name: "\(endpoint)", listener: listener, tls: tls, path: nil))
    case .inherited(let number): doors += try inheritedDoors(number, tls)
    }
  }
  for socket in settings.sockets { doors.append(try scopedDoor(socket)) }
  return doors
}

/// Where Prometheus may ask.
func openScrapers(_ settings: DaemonSettings) throws -> Listener? {
  guard let address = settings.metricsAddress, case .tcp(let host, let port)? = Endpoint("tcp://\(address)")
  else {
    return nil
  }
  Log.info("metrics at http://\(address)/metrics")
  return try tcpListener(host, port)
}

/// Listens, or says who has the port.
private func tcpListener(_ host: String, _ port: UInt16) throws -> Listener {
  do throws(SyscallError) {
    return try Listener.tcp(address: host, port: port)
  } catch {
    guard error.errno == .addressInUse, let holder = PortHolder.find(port) else { throw error }
    throw DoorError(description: "\(error): \(holder.name) (pid \(holder.pid)) has it")
  }
}

private func scopedDoor(_ socket: ScopedSocket) throws -> Door {
  var door = try unixDoor(socket.path, group: socket.group, standard: nil)
  door.scope = socket.scope
  return door
}

/// What is wrong with the doors as they stand, in docker's manner.
func warnings(_ settings: DaemonSettings) -> [String] {
  settings.hosts.compactMap { text in
    guard case .tcp(let host, let port)? = Endpoint(text, tls: settings.tls != nil) else { return nil }
    let address = "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    let consequence =
      "Access to the remote API is equivalent to root access on the host. "
      + "Use --tlsverify with a certificate authority of your own."
    guard let tls = settings.tls else {
      return "WARNING: API is accessible on http://\(address) without encryption. \(consequence)"
    }
    return tls.verifies
      ? nil
      : "WARNING: API is accessible on https://\(address) without TLS client verification. \(consequence)"
  }
}

func serverContext(_ files: TLSFiles) throws(TLSError) -> TLSContext {
  try TLSContext.server(
    certificate: files.certificate, key: files.key,
    clientAuthorities: files.verifies ? files.authorities : nil)
}

/// Listens, or says who or what stands at the path.
private func unixListener(_ path: String) throws -> Listener {
  do throws(SyscallError) {
    return try Listener.unix(path: path, mode: 0o660)
  } catch {
    guard error.errno == .addressInUse else { throw error }
    if Files.isDirectory(path) {
      throw DoorError(
        description:
          "\(path) is a directory, as a volume `-v \(path):…` leaves it that is used while no engine listens: remove it (rmdir \(path))"
      )
    }
    // Whoever does not answer any more cannot be named.
    guard let holder = try? UnixSocket.connect(path).peer().pid else { throw error }
    throw DoorError(description: "\(error): process \(holder) listens there")
  }
}

/// A socket with its directory; it belongs to `group`, or without one to the group `standard` where there is such.
private func unixDoor(_ path: String, group: String, standard: String?) throws -> Door {
  if let slash = path.lastIndex(of: "/"), slash != path.startIndex {
    try Files.makeDirectories(String(path[..<slash]), mode: 0o711)
  }
  let listener = try unixListener(path)
  let name = group.isEmpty ? standard : group
  if let name, let number = try Groups.number(name, mustExist: !group.isEmpty) {
    try Files.changeOwner(path, uid: 0, gid: number)
  }
  return Door(name: "unix://\(path)", listener: listener, tls: nil, path: path)
}

/// The sockets that whoever started this process has opened for it (sd_listen_fds(3)): one, or all.
private func inheritedDoors(_ number: Int32?, _ tls: TLSContext?) throws -> [Door] {
  let isMeant = Environment.value("LISTEN_PID").flatMap { Int32($0) } == Processes.ownID
  let count = isMeant ? Environment.value("LISTEN_FDS").flatMap { Int32($0) } ?? 0 : 0
  guard (1...1000).contains(count) else {
    throw DoorError(
      description: "no sockets found via socket activation: make sure the service was started by systemd")
  }
  let known = 3..<(3 + count)
  if let number, !known.contains(number) {
    throw DoorError(description: "failed to find systemd activated sockets: there is no descriptor \(number)")
  }
  return try (number.map { $0...$0 } ?? 3...(2 + count)).map { number in
    let listener = try Listener(inherited: FileDescriptor(owning: number))
    // Like dockerd: a Unix socket's own file decides who may come.
    return Door(
      name: "fd://\(number)", listener: listener, tls: listener.port == nil ? nil : tls, path: nil)
  }
}

/// Why skiffd cannot listen as it was asked to.
struct DoorError: Error, CustomStringConvertible {
  let description: String
}

/// Groups of the host (group(5)).
enum Groups {
  static func number(_ name: String, mustExist: Bool) throws(DoorError) -> UInt32? {
    if let number = UInt32(name) { return number }
    // Without the file there are no groups.
    for line in ((try? Files.text("/etc/group")) ?? "").split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count > 2, fields[0] == name { return UInt32(fields[2]) }
    }
    if mustExist { throw DoorError(description: "group \(name) not found") }
    return nil
  }
}
