import CLinux
import Glibc

/// Where an IPv6 datagram came from, and to which address of this machine.
public struct DatagramPath: Hashable, Sendable {
  public let sender: InternetEndpoint
  /// 16 bytes.
  fileprivate let own: [UInt8]
  /// The number of the link that it came over, where answers need it: with addresses that mean something there only.
  fileprivate let link: UInt32
}

/// Datagrams with their paths (ipv6(7)): a host has many addresses, and a client takes answers only from the one that
/// it asked.
extension FileDescriptor {
  /// From now on `receiveWithPath` works on this IPv6 socket.
  public borrowing func tellPaths() throws(SyscallError) {
    let receivePacketInformation: CInt = 49
    try setOption(CInt(IPPROTO_IPV6), receivePacketInformation, 1, "IPV6_RECVPKTINFO")
  }

  /// `recvmsg(2)`: one datagram.
  public borrowing func receiveWithPath() throws(SyscallError) -> (bytes: [UInt8], path: DatagramPath) {
    let raw = rawValue
    var sender = [UInt8](repeating: 0, count: 16)
    var own = sender
    var port: UInt16 = 0
    var link: UInt32 = 0
    var failure: SyscallError?
    let bytes = [UInt8](unsafeUninitializedCapacity: 65535) { buffer, filled in
      do throws(SyscallError) {
        filled = try syscall("recvmsg") {
          clinux_inet6_receive(raw, buffer.baseAddress, 65535, &sender, &port, &own, &link)
        }
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
    guard let endpoint = InternetEndpoint(address: sender, port: port) else {
      preconditionFailure("an IPv6 address has sixteen bytes")
    }
    let isLinkLocal = sender[0] == 0xfe && sender[1] & 0xc0 == 0x80
    return (bytes, DatagramPath(sender: endpoint, own: own, link: isLinkLocal ? link : 0))
  }

  /// `sendmsg(2)`: back to where a datagram came from, from the address that it was sent to.
  public borrowing func answer(_ path: DatagramPath, with bytes: [UInt8]) throws(SyscallError) {
    let raw = rawValue
    try syscall("sendmsg", on: "\(path.sender.host):\(path.sender.port)") {
      bytes.withUnsafeBytes {
        clinux_inet6_answer(
          raw, $0.baseAddress, $0.count, path.sender.address, path.sender.port, path.own, path.link)
      }
    }
  }
}
