import Linux
import Netlink

/// Which TCP ports of the container have a server now, asked of the kernel: nobody inside notices.
final class ContainerServers {
  private let namespace: String
  private var session: NetlinkSession?
  private var cannotBeAsked = false

  /// `namespace`: where the container's network is pinned.
  init(namespace: String) { self.namespace = namespace }

  /// Whether a new connection to an address of the container's and a port would find a server. A kernel that does not
  /// tell is taken to say yes.
  func has(_ port: UInt16, at address: [UInt8]) -> Bool {
    if cannotBeAsked { return true }
    do {
      return try open().isListening(at: address, port: port)
    } catch {
      Diagnostics.say("whether port \(port) has a server: \(error)")
      cannotBeAsked = true
      return true
    }
  }

  private func open() throws -> NetlinkSession {
    if let session { return session }
    let opened = try NetworkPlace.visit(namespace) { () throws(SyscallError) in
      Result { () throws(NetlinkError) in try NetlinkSession(.sockets) }
    }.get()
    session = opened
    return opened
  }
}
