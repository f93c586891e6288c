import Linux
import Netlink

/// Network namespaces that live as long as their pin: a file under `netns/` over which the namespace is mounted.
///
/// Every function here blocks for about a millisecond.
enum NetworkNamespace {
  private static let own = "/proc/thread-self/ns/net"

  /// Makes a namespace, loopback up, without IPv6 on the links to come, and pins it.
  static func make(pinnedAt path: String) throws -> NetlinkSession {
    try Files.write(path, [], mode: 0o600)
    do {
      return try away({ () throws(SyscallError) in try Namespaces.network.unshare() }) {
        try Namespaces.raiseLoopback()
        // As docker does in networks without IPv6: no address that nobody asked for. lo keeps ::1.
        let disable = "/proc/sys/net/ipv6/conf/default/disable_ipv6"
        if Files.exist(disable) { try Files.write(disable, "1".utf8) }
        let session = try NetlinkSession()
        try Mounts.mount(own, on: path, .bind)
        return session
      }
    } catch {
      try Files.unlink(path)
      throw error
    }
  }

  /// Lets a link of a pinned namespace have IPv6 addresses, before it has any. It takes no routes from neighbours, and
  /// tells them when an address comes to it that somebody else had before.
  static func allowIPv6(on link: String, in path: String) throws {
    try inside(path) {
      let settings = "/proc/sys/net/ipv6/conf/\(link)"
      for (name, value) in [
        ("accept_ra", "0"), ("accept_dad", "0"), ("ndisc_notify", "1"), ("disable_ipv6", "0"),
      ] {
        try Files.write("\(settings)/\(name)", value.utf8)
      }
    }
  }

  /// Whether a namespace is pinned there, and not only a file left.
  static func isPinned(_ path: String) -> Bool {
    // What cannot be looked at is no namespace.
    (try? FileSystemStatus.of(path).type) == FileSystemStatus.namespace
  }

  /// Opens a pinned namespace's rtnetlink.
  static func session(in path: String) throws -> NetlinkSession {
    try inside(path) { try NetlinkSession() }
  }

  /// Takes the pin away; the namespace goes when its last process does.
  static func unpin(_ path: String) throws(SyscallError) {
    while isPinned(path) { try Mounts.unmount(path, detach: true) }
    try Files.unlink(path)
  }

  /// Takes the pin away. The namespace stays as long as the descriptor that is answered; nil without a namespace.
  static func unpinHolding(_ path: String) throws(SyscallError) -> Int32? {
    guard isPinned(path) else {
      try unpin(path)
      return nil
    }
    let held = try FileDescriptor.open(path, [.readOnly])
    try unpin(path)
    return held.release()
  }

  /// Runs `body` with this thread in the namespace at a path.
  private static func inside<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    let place = try FileDescriptor.open(path, [.readOnly])
    return try away({ () throws(SyscallError) in try Namespaces.network.join(place) }, body)
  }

  /// Runs `body` with this thread in another namespace, and comes back, whatever happens.
  private static func away<Value>(_ leave: () throws(SyscallError) -> Void, _ body: () throws -> Value) throws
    -> Value
  {
    let home = try FileDescriptor.open(own, [.readOnly])
    try leave()
    defer {
      do throws(SyscallError) { try Namespaces.network.join(home) } catch {
        // This thread would go on to change a container's network for the host's.
        fatalError("a thread cannot return to the host's network namespace: \(error)")
      }
    }
    return try body()
  }
}
