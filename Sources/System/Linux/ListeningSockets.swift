/// The TCP sockets that wait for connections in a process's network namespace (proc_pid_net(5)).
public enum ListeningSockets {
  /// As `/proc/<pid>/net/tcp` and `tcp6` tell them, the lowest port first; none where they cannot be read.
  public static func of(_ pid: Int32) -> [InternetEndpoint] {
    var found: Set<InternetEndpoint> = []
    for name in ["tcp", "tcp6"] {
      // A process that has just ended listens to nothing; a kernel without IPv6 has no tcp6.
      guard let text = try? Files.text("/proc/\(pid)/net/\(name)") else { continue }
      for line in text.split(separator: "\n").dropFirst() {
        found.formUnion(endpoint(line).map { [$0] } ?? [])
      }
    }
    return found.sorted { ($0.port, $0.host) < ($1.port, $1.host) }
  }

  /// `0: 0100007F:1F90 00000000:0000 0A …`: 0A is LISTEN; the address stands in words of the machine's byte order.
  static func endpoint(_ line: Substring) -> InternetEndpoint? {
    let fields = line.split(separator: " ", maxSplits: 4)
    guard fields.count > 3, fields[3] == "0A" else { return nil }
    let parts = fields[1].split(separator: ":")
    guard parts.count == 2, [8, 32].contains(parts[0].utf8.count), let port = UInt16(parts[1], radix: 16)
    else { return nil }
    var address: [UInt8] = []
    var rest = parts[0]
    while !rest.isEmpty {
      guard let word = UInt32(rest.prefix(8), radix: 16) else { return nil }
      withUnsafeBytes(of: word) { address += $0 }
      rest = rest.dropFirst(8)
    }
    return InternetEndpoint(address: address, port: port)
  }
}

extension InternetEndpoint {
  /// 127.0.0.0/8, ::1 and ::ffff:127.0.0.0/104: reached from the same network namespace only.
  public var isLoopback: Bool {
    guard isIPv6 else { return address[0] == 127 }
    let mapped = [UInt8](repeating: 0, count: 10) + [255, 255, 127]
    return address == [UInt8](repeating: 0, count: 15) + [1] || address.starts(with: mapped)
  }
}
