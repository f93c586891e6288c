import Glibc

extension FileDescriptor {
  /// Calls `body` with a descriptor that somebody else owns and closes.
  public static func borrowing<R: ~Copyable, E: Error>(
    _ number: Int32, _ body: (borrowing FileDescriptor) throws(E) -> R
  ) throws(E) -> R {
    let descriptor = FileDescriptor(owning: number)
    do {
      let result = try body(descriptor)
      _ = descriptor.release()
      return result
    } catch {
      _ = descriptor.release()
      throw error
    }
  }

  /// Whether a number stands for an open file.
  public static func isOpen(_ number: Int32) -> Bool { fcntl(number, F_GETFD) != -1 }
}
