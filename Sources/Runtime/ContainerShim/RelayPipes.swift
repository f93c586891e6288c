import Linux

/// Pipes through which bytes pass from one socket to another inside the kernel; one is needed only while something
/// is in it.
final class RelayPipes {
  struct Ends {
    let read: Int32
    let write: Int32
  }

  private static let mostSpare = 8
  private var spare: [Ends] = []

  deinit { for ends in spare { discard(ends) } }

  func take() throws(SyscallError) -> Ends {
    if let ends = spare.popLast() { return ends }
    let raw = try Pipe().release()
    return Ends(read: raw.readEnd, write: raw.writeEnd)
  }

  /// Takes back an empty one.
  func giveBack(_ ends: Ends) {
    if spare.count < Self.mostSpare { spare.append(ends) } else { discard(ends) }
  }

  /// Closes one, with what is in it.
  func discard(_ ends: Ends) {
    _ = FileDescriptor(owning: ends.read)
    _ = FileDescriptor(owning: ends.write)
  }
}
