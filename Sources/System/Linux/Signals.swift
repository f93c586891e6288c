import CLinux
import Glibc

/// A signal (signal(7)).
public struct Signal: RawRepresentable, Hashable, Sendable, CustomStringConvertible {
  public let rawValue: Int32
  public init(rawValue: Int32) { self.rawValue = rawValue }
  public static let hangup = Signal(rawValue: 1)
  public static let interrupt = Signal(rawValue: 2)
  public static let quit = Signal(rawValue: 3)
  public static let kill = Signal(rawValue: 9)
  public static let user1 = Signal(rawValue: 10)
  public static let user2 = Signal(rawValue: 12)
  public static let brokenPipe = Signal(rawValue: 13)
  public static let terminate = Signal(rawValue: 15)
  public static let child = Signal(rawValue: 17)
  public static let `continue` = Signal(rawValue: 18)
  public static let stop = Signal(rawValue: 19)
  public static let windowChange = Signal(rawValue: 28)
  public static let none = Signal(rawValue: 0)

  private static let names = [
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
    "TERM",
    "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
    "WINCH", "IO",
    "PWR", "SYS",
  ]
  private static let otherNames = ["IOT": Int32(6), "CLD": 17, "POLL": 29, "UNUSED": 31]

  /// A number, `KILL`, `SIGKILL`, in any case, or `RTMIN`, `RTMIN+3`, `RTMAX-2`.
  public init?(_ text: String) {
    if let number = Int32(text) {
      guard (1...64).contains(number) else { return nil }
      self.init(rawValue: number)
      return
    }
    var name = text.uppercased()
    if name.hasPrefix("SIG") { name.removeFirst(3) }
    if let index = Self.names.firstIndex(of: name) {
      self.init(rawValue: Int32(index) + 1)
    } else if let other = Self.otherNames[name] {
      self.init(rawValue: other)
    } else if name.hasPrefix("RTMIN"), let offset = Int32("0" + name.dropFirst(5).drop { $0 == "+" }) {
      guard (0...30).contains(offset) else { return nil }
      self.init(rawValue: 34 + offset)
    } else if name.hasPrefix("RTMAX"), let offset = Int32("0" + name.dropFirst(5).drop { $0 == "-" }) {
      guard (0...30).contains(offset) else { return nil }
      self.init(rawValue: 64 - offset)
    } else {
      return nil
    }
  }

  public var description: String {
    if (1...31).contains(rawValue) { return "SIG\(Self.names[Int(rawValue) - 1])" }
    return (34...64).contains(rawValue) ? "SIGRTMIN+\(rawValue - 34)" : "signal \(rawValue)"
  }
}

/// A set of signals.
public struct SignalSet: Sendable, ExpressibleByArrayLiteral {
  var mask: UInt64
  init(mask: UInt64) { self.mask = mask }
  public init(arrayLiteral signals: Signal...) { self.init(signals) }
  public init(_ signals: some Sequence<Signal>) {
    mask = signals.reduce(0) { $0 | 1 << UInt64($1.rawValue - 1) }
  }
  public static let all = SignalSet(mask: .max)
  public static let empty = SignalSet(mask: 0)

  /// Blocks these in the calling thread; the mask before.
  @discardableResult
  public func block() throws(SyscallError) -> SignalSet { try change(1) }
  /// Unblocks these in the calling thread.
  @discardableResult
  public func unblock() throws(SyscallError) -> SignalSet { try change(0) }
  /// Makes exactly these blocked in the calling thread.
  @discardableResult
  public func replaceMask() throws(SyscallError) -> SignalSet { try change(2) }

  private func change(_ how: CInt) throws(SyscallError) -> SignalSet {
    var old: UInt64 = 0
    try syscall("sigprocmask") { clinux_sigmask(how, mask, &old) }
    return SignalSet(mask: old)
  }
}

extension Signal {
  /// The default action again.
  public func reset() throws(SyscallError) {
    try syscall("signal", on: description) { clinux_signal_default(rawValue) }
  }
  /// Ignored from now on.
  public func ignore() throws(SyscallError) {
    try syscall("signal", on: description) { clinux_signal_ignore(rawValue) }
  }
}

/// Blocked signals as bytes to read (signalfd(2)); non-blocking.
public struct SignalDescriptor: ~Copyable, Sendable {
  public let descriptor: FileDescriptor

  /// Blocks the signals in the calling thread and opens the descriptor.
  public init(_ signals: SignalSet) throws(SyscallError) {
    try signals.block()
    descriptor = FileDescriptor(owning: try syscall("signalfd") { clinux_signalfd(-1, signals.mask) })
  }

  /// The next pending signal and the pid it came from; nil when none is pending.
  public borrowing func next() throws(SyscallError) -> (signal: Signal, sender: Int32)? {
    do throws(SyscallError) {
      let bytes = try descriptor.read(upTo: 128)
      guard bytes.count == 128 else { return nil }
      return bytes.withUnsafeBytes { raw in
        (
          Signal(rawValue: raw.loadUnaligned(as: Int32.self)),
          raw.loadUnaligned(fromByteOffset: 12, as: Int32.self)
        )
      }
    } catch  where error.errno == .wouldBlock {
      return nil
    }
  }
}
