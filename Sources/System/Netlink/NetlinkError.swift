import Linux

/// What the kernel refused: what was asked, why, and the kernel's own words where it has some.
public struct NetlinkError: Error, Equatable, Sendable, CustomStringConvertible {
  /// `add link br-0`.
  public let purpose: String
  public let errno: Errno
  /// The extended acknowledgement's text.
  public let detail: String?

  public init(purpose: String, errno: Errno, detail: String? = nil) {
    self.purpose = purpose
    self.errno = errno
    self.detail = detail
  }

  init(purpose: String, _ error: SyscallError) { self.init(purpose: purpose, errno: error.errno) }

  public var description: String { "\(purpose): \(errno)" + (detail.map { " (\($0))" } ?? "") }
}
