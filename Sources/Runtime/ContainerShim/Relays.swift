import Linux

/// The connections that a shim passes on.
final class Relays {
  /// At the same time; whoever comes then waits at the door.
  private static let most = 1024
  /// Of the descriptors that the process may have, a connection may use two and its pipes four.
  private static let descriptorsEach: UInt64 = 8

  private let loop: Loop
  private let pipes = RelayPipes()
  private let limit: Int
  private var relays: [ObjectIdentifier: Relay] = [:]
  /// Called when one has ended where there was no room.
  var onRoom: () -> Void = {}

  init(_ loop: Loop) throws(SyscallError) {
    self.loop = loop
    let share = try Resource.openFiles.limit().soft / Self.descriptorsEach
    limit = Int(min(UInt64(Self.most), max(share, 1)))
  }

  var hasRoom: Bool { relays.count < limit }

  /// Passes a connection on, for as long as it goes. It is reset where that is impossible.
  func add(
    _ connection: consuming FileDescriptor, to target: InternetEndpoint, onRefusal: @escaping () -> Void
  ) {
    do throws(SyscallError) {
      try connection.setResetOnClose(true)
      let relay = try Relay(loop, connection, to: target, pipes)
      let name = ObjectIdentifier(relay)
      relays[name] = relay
      relay.onRefusal = onRefusal
      relay.onEnd = { [unowned self] in ended(name) }
      relay.begin()
    } catch { Diagnostics.say("a connection over IPv6 to port \(target.port): \(error)") }
  }

  func flush() { for relay in relays.values { relay.flush() } }

  private func ended(_ name: ObjectIdentifier) {
    let hadRoom = hasRoom
    relays[name] = nil
    if !hadRoom { onRoom() }
  }
}
