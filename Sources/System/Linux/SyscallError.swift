import Glibc

/// A system call that the kernel refused: which call, on what, and why.
public struct SyscallError: Error, Equatable, Sendable, CustomStringConvertible {
  public let call: StaticName
  public let subject: String?
  public let errno: Errno

  public init(call: StaticName, subject: String? = nil, errno: Errno) {
    self.call = call
    self.subject = subject
    self.errno = errno
  }

  public var description: String {
    subject.map { "\(call.text) \($0): \(errno)" } ?? "\(call.text): \(errno)"
  }
}

/// The C name of a call; a literal, so that building an error allocates nothing.
public struct StaticName: Equatable, Sendable, ExpressibleByStringLiteral {
  let literal: StaticString
  public init(stringLiteral literal: StaticString) { self.literal = literal }
  public var text: String { literal.description }
  public static func == (a: Self, b: Self) -> Bool { a.text == b.text }
}

/// An error number of the kernel (errno(3)).
public struct Errno: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: CInt
  public init(rawValue: CInt) { self.rawValue = rawValue }
  public static var last: Errno { Errno(rawValue: Glibc.errno) }
  public static let interrupted = Errno(rawValue: EINTR)
  public static let badFileDescriptor = Errno(rawValue: EBADF)
  public static let badAddress = Errno(rawValue: EFAULT)
  public static let noSuchFile = Errno(rawValue: ENOENT)
  public static let fileExists = Errno(rawValue: EEXIST)
  public static let notADirectory = Errno(rawValue: ENOTDIR)
  public static let isADirectory = Errno(rawValue: EISDIR)
  public static let directoryNotEmpty = Errno(rawValue: ENOTEMPTY)
  public static let permissionDenied = Errno(rawValue: EACCES)
  public static let notPermitted = Errno(rawValue: EPERM)
  public static let wouldBlock = Errno(rawValue: EAGAIN)
  public static let inProgress = Errno(rawValue: EINPROGRESS)
  public static let invalidArgument = Errno(rawValue: EINVAL)
  public static let noSuchProcess = Errno(rawValue: ESRCH)
  public static let busy = Errno(rawValue: EBUSY)
  public static let addressInUse = Errno(rawValue: EADDRINUSE)
  public static let connectionRefused = Errno(rawValue: ECONNREFUSED)
  public static let networkUnreachable = Errno(rawValue: ENETUNREACH)
  public static let connectionReset = Errno(rawValue: ECONNRESET)
  public static let notConnected = Errno(rawValue: ENOTCONN)
  public static let brokenPipe = Errno(rawValue: EPIPE)
  public static let noSpace = Errno(rawValue: ENOSPC)
  public static let readOnlyFileSystem = Errno(rawValue: EROFS)
  public static let notSupported = Errno(rawValue: EOPNOTSUPP)
  public static let noSuchCall = Errno(rawValue: ENOSYS)
  public static let execFormat = Errno(rawValue: ENOEXEC)
  public static let timedOut = Errno(rawValue: ETIMEDOUT)
  public static let tooManySymbolicLinks = Errno(rawValue: ELOOP)
  public static let inputOutput = Errno(rawValue: EIO)
  public static let messageTooLong = Errno(rawValue: EMSGSIZE)
  public static let noData = Errno(rawValue: ENODATA)
  public static let noDevice = Errno(rawValue: ENODEV)
  public static let crossDevice = Errno(rawValue: EXDEV)
  /// EMFILE, ENFILE, ENOBUFS, ENOMEM: the machine or this process is at its limit for now.
  public var isLackOfResources: Bool { [EMFILE, ENFILE, ENOBUFS, ENOMEM].contains(rawValue) }
  public var description: String { String(cString: strerror(rawValue)) }
}

/// Runs `body` until it is not interrupted, and turns -1 into a thrown error.
/// `EBADF` and `EFAULT` are faults in this program, not conditions, so they trap.
@discardableResult
public func syscall<Result: FixedWidthInteger>(
  _ call: StaticName, on subject: @autoclosure () -> String? = nil, _ body: () -> Result
) throws(SyscallError) -> Result {
  while true {
    let result = body()
    guard result == -1 else { return result }
    let errno = Errno.last
    if errno == .interrupted { continue }
    precondition(errno != .badFileDescriptor && errno != .badAddress, "\(call.text): \(errno)")
    throw SyscallError(call: call, subject: subject(), errno: errno)
  }
}
