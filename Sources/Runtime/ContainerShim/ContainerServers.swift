import Linux
import Netlink

/// Which TCP ports of the container have a server now, asked of the kernel: nobody inside notices.
final class ContainerServers {
  /// Nowhere (RFC 5737): the way to it is the way out.
  private static let elsewhere: [UInt8] = [192, 0, 2, 1]

  private struct Sessions {
    let sockets: NetlinkSession
    let routes: NetlinkSession
  }

  private let namespace: String
  private var sessions: Sessions?
  private var cannotBeAsked = false

  /// `namespace`: where the container's network is pinned.
  init(namespace: String) { self.namespace = namespace }

  /// Whether a published port would reach a server. A kernel that does not tell is taken to say yes.
  /// - Parameter address: Where the port leads; nil where the rules know.
  func has(_ port: UInt16, at address: [UInt8]?) -> Bool {
    if cannotBeAsked { return true }
    do {
      let sessions = try open()
      // The rules lead to the address that it goes out with, if it has a way out.
      guard let own = try address ?? sessions.routes.source(toward: Self.elsewhere) else { return false }
      return try sessions.sockets.isListening(at: own, port: port)
    } catch {
      Diagnostics.say("whether port \(port) has a server: \(error)")
      cannotBeAsked = true
      return true
    }
  }

  private func open() throws -> Sessions {
    if let sessions { return sessions }
    let opened = try NetworkPlace.visit(namespace) { () throws(SyscallError) in
      Result { () throws(NetlinkError) in
        Sessions(sockets: try NetlinkSession(.sockets), routes: try NetlinkSession(.route))
      }
    }.get()
    sessions = opened
    return opened
  }
}
