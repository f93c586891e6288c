import Linux

/// A conversation with the systemd that looks after the machine, or after one user: D-Bus, one call at a time.
public final class SystemdConnection {
  /// Seconds.
  private static let patience = 30

  private let socket: FileDescriptor
  private let epoll: Epoll
  private var buffer: [UInt8] = []
  private var lastSerial: UInt32 = 0
  /// How jobs ended whose end nobody has asked for yet, by their object's path.
  private var results: [String: String] = [:]

  /// Root's own systemd, or that of the user whose process this is.
  public static func open() throws(SystemdError) -> SystemdConnection {
    let user = Identity.effectiveUser
    let own = user == 0 ? "/run" : Environment.value("XDG_RUNTIME_DIR") ?? "/run/user/\(user)"
    do throws(SystemdError) {
      return try SystemdConnection("\(own)/systemd/private", user: user)
    } catch {
      guard case .unreachable = error else { throw error }
      let bus = user == 0 ? "/run/dbus/system_bus_socket" : "\(own)/bus"
      guard Files.exist(bus) else { throw error }
      let connection = try SystemdConnection(bus, user: user)
      try connection.enterBus()
      return connection
    }
  }

  init(_ path: String, user: UInt32) throws(SystemdError) {
    do throws(SyscallError) {
      socket = try UnixSocket.connect(path)
      epoll = try Epoll()
      try epoll.add(socket.rawValue, .readable, token: 0)
    } catch {
      throw .unreachable("\(error)")
    }
    try authenticate(user)
  }

  /// SASL's EXTERNAL: the kernel tells the other side who this is.
  private func authenticate(_ user: UInt32) throws(SystemdError) {
    let digits = Array("0123456789abcdef".utf8)
    let name = "\(user)".utf8.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    try send([0] + Array("AUTH EXTERNAL ".utf8) + name + Array("\r\nBEGIN\r\n".utf8))
    let deadline = Self.deadline
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeFirst(end + 1)
        guard line.hasPrefix("OK ") else {
          throw .unreachable("it does not take this user: \(line.dropLast())")
        }
        return
      }
      guard buffer.count < 4096 else { throw .nonsense("a long line instead of a greeting") }
      try receive(until: deadline)
    }
  }

  /// On a bus one has a name, and hears only what one asks for.
  private func enterBus() throws(SystemdError) {
    let bus = "org.freedesktop.DBus"
    _ = try call("/org/freedesktop/DBus", bus, "Hello", [], to: bus)
    let rule = "type='signal',sender='org.freedesktop.systemd1',member='JobRemoved'"
    _ = try call("/org/freedesktop/DBus", bus, "AddMatch", [.string(rule)], to: bus)
    _ = try call(Self.root, Self.interface, "Subscribe", [])
  }

  static let name = "org.freedesktop.systemd1"
  static let root = "/org/freedesktop/systemd1"
  static let interface = "org.freedesktop.systemd1.Manager"

  /// Calls a method and waits for its answer.
  func call(
    _ path: String, _ interface: String, _ member: String, _ arguments: [BusValue],
    to destination: String = name
  ) throws(SystemdError) -> [BusValue] {
    lastSerial += 1
    var message = BusMessage(.call, serial: lastSerial)
    message.path = path
    message.interface = interface
    message.member = member
    message.destination = destination
    message.body = arguments
    try send(message.encoded())
    let deadline = Self.deadline
    while true {
      let heard = try next(until: deadline)
      guard heard.replySerial == lastSerial else {
        note(heard)
        continue
      }
      if heard.kind == .reply { return heard.body }
      throw .refused(
        name: heard.name ?? "", message: heard.body.first?.text ?? heard.name ?? "no reason given")
    }
  }

  /// Waits until a job has ended, and throws unless it did its work.
  func wait(for job: String, of unit: String) throws(SystemdError) {
    let deadline = Self.deadline
    while results[job] == nil { note(try next(until: deadline)) }
    let result = results.removeValue(forKey: job) ?? ""
    guard result == "done" else { throw .job(unit: unit, result: result) }
  }

  private func note(_ message: BusMessage) {
    guard message.kind == .signal, message.member == "JobRemoved", message.body.count == 4,
      let job = message.body[1].text, let result = message.body[3].text
    else { return }
    results[job] = result
  }

  private static var deadline: Int64 { Clock.monotonic + Int64(patience) * 1_000_000_000 }

  private func next(until deadline: Int64) throws(SystemdError) -> BusMessage {
    while true {
      if let message = try BusMessage.take(from: &buffer) { return message }
      try receive(until: deadline)
    }
  }

  private func send(_ bytes: [UInt8]) throws(SystemdError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      do throws(SyscallError) { rest = rest.dropFirst(try socket.sendSome(rest)) } catch {
        throw .unreachable("\(error)")
      }
    }
  }

  private func receive(until deadline: Int64) throws(SystemdError) {
    do throws(SyscallError) {
      let left = (deadline - Clock.monotonic) / 1_000_000
      if left > 0, !(try epoll.wait(milliseconds: Int32(clamping: left))).isEmpty {
        let bytes = try socket.read(upTo: 65536)
        buffer += bytes
        if !bytes.isEmpty { return }
        throw SyscallError(call: "read", subject: "systemd's socket", errno: .connectionReset)
      }
    } catch {
      throw .unreachable("\(error)")
    }
    throw .silent(Self.patience)
  }
}
