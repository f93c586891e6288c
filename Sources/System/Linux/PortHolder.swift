/// The process that has a port of this network namespace.
public struct PortHolder: Sendable, Equatable {
  public let pid: Int32
  /// The program's name, cut at 15 bytes.
  public let name: String

  /// The first process that has a socket at this port which takes connections, or with `udp` datagrams; nil where none is
  /// found, as for sockets that are bound only. Looks through the descriptors of all processes.
  public static func find(_ port: UInt16, udp: Bool = false) -> PortHolder? {
    var inodes: Set<Substring> = []
    for name in udp ? ["udp", "udp6"] : ["tcp", "tcp6"] {
      // A kernel without IPv6 has no tcp6.
      let text = (try? Files.text("/proc/net/\(name)")) ?? ""
      for line in text.split(separator: "\n") {
        inodes.formUnion(inode(line, port, udp ? "07" : "0A").map { [$0] } ?? [])
      }
    }
    return inodes.isEmpty ? nil : process(with: Set(inodes.map { "socket:[\($0)]" }))
  }

  /// `0: 00000000:0050 00000000:0000 0A … inode`: the address, the state, and as the tenth the inode.
  static func inode(_ line: Substring, _ port: UInt16, _ state: String) -> Substring? {
    let fields = line.split(separator: " ", maxSplits: 10)
    guard fields.count > 9, fields[3] == state, let digits = fields[1].split(separator: ":").last,
      UInt16(digits, radix: 16) == port, fields[9] != "0"
    else { return nil }
    return fields[9]
  }

  private static func process(with sockets: Set<String>) -> PortHolder? {
    // Processes and their descriptors come and go meanwhile.
    for entry in (try? Files.names(in: "/proc")) ?? [] {
      guard let pid = Int32(entry) else { continue }
      for number in (try? Files.names(in: "/proc/\(pid)/fd")) ?? [] {
        guard let target = try? Files.readLink("/proc/\(pid)/fd/\(number)"), sockets.contains(target) else {
          continue
        }
        let name = (try? Files.text("/proc/\(pid)/comm")) ?? ""
        return PortHolder(pid: pid, name: String(name.prefix { $0 != "\n" }))
      }
    }
    return nil
  }
}
