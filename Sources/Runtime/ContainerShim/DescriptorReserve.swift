import Linux

/// Descriptors kept for what must not fail when clients have used up all others: ending the container, and writing down
/// how it ended.
final class DescriptorReserve {
  /// More than ending a container has open at any one time.
  private static let size = 16

  private var held: [Int32] = []

  init() { refill() }

  deinit { release() }

  /// Runs `body` with the reserve at its disposal.
  func lend<Value, Failure: Error>(_ body: () throws(Failure) -> Value) throws(Failure) -> Value {
    release()
    defer { refill() }
    return try body()
  }

  private func release() {
    for raw in held { _ = FileDescriptor(owning: raw) }
    held = []
  }

  private func refill() {
    // Where there is none left the reserve is what could be had.
    while held.count < Self.size, let file = try? FileDescriptor.open("/dev/null", .readOnly) {
      held.append(file.release())
    }
  }
}
