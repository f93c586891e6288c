/// Tells tasks that something they look at has changed; it stands under the lock of what they look at.
///
/// Who waits looks, takes `next` under the same lock, waits for it outside, and looks again.
public struct Changes: Sendable {
  private var latch: Latch?

  public init() {}

  /// Opened at the next change; one for all who wait for that.
  public mutating func next() -> Latch {
    let latch = latch ?? Latch()
    self.latch = latch
    return latch
  }

  /// Something has changed: to be called after that, before the lock is given back.
  public mutating func tell() {
    latch?.open()
    latch = nil
  }
}
