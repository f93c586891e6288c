import Linux

/// What the host's own network can do.
enum HostAddresses {
  /// Whether programs of the host can use IPv6 at all: it has an address of that family (proc_net(5)).
  static var haveIPv6: Bool {
    // Without the file the kernel has no IPv6.
    (try? Files.text("/proc/net/if_inet6")).map { !$0.isEmpty } ?? false
  }
}
