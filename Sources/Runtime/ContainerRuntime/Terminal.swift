import Linux
import OCISpec

/// A terminal of the container's own.
struct Terminal: ~Copyable {
  let master: FileDescriptor
  let peer: FileDescriptor

  /// Opens one from the container's own multiplexer and, with `showAsConsole`, shows its other end as
  /// `/dev/console`.
  static func open(
    in root: borrowing RootDirectory, size: Bundle.ConsoleSize?, showAsConsole: Bool
  ) throws(RuntimeError) -> Terminal {
    try step("open a terminal") { () throws(SyscallError) in
      let multiplexer = try root.descriptor.open(
        inside: "/dev/pts/ptmx", [.readWrite, .noControllingTerminal], resolve: [.inRoot, .noSymbolicLinks])
      guard try multiplexer.status().deviceNumber == DeviceNumber(major: 5, minor: 2) else {
        throw SyscallError(call: "open", subject: "/dev/pts/ptmx", errno: .noDevice)
      }
      let pair = try PseudoTerminal(multiplexer)
      let peer = try pair.openPeer()
      if let size, size.width > 0 || size.height > 0 {
        try pair.master.setWindowSize(WindowSize(rows: size.height, columns: size.width))
      }
      if showAsConsole {
        let place = try root.plainFile("/dev/console")
        try DetachedMount.copy(of: peer).attach(to: place)
      }
      return Terminal(master: pair.intoMaster(), peer: peer)
    }
  }
}
