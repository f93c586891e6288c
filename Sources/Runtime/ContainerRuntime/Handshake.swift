import Linux

/// What a container's first process and its maker say to each other until it runs its command, one packet
/// each.
enum Handshake {
  enum Message: Equatable {
    /// Maker to process: go on; the cgroup stands, the user mapping is written.
    case proceed
    /// Process to maker: the namespaces and mounts stand, hooks of the maker's side may run.
    case prepared
    /// Something is not as asked, and goes on all the same.
    case warning(String)
    /// The terminal's master comes with it.
    case terminal
    /// All is done but the command.
    case ready
    /// The process stands in between: the container's first process is another, of this pid.
    case born(Int32)
    /// The process's descriptor of this number is its seccomp listener.
    case listener(Int32)
    /// What is wrong with the command's file, and only shows when it runs.
    case advice(String)
    case failed(RuntimeError)
  }

  static func encode(_ message: Message) -> [UInt8] {
    switch message {
    case .proceed: [1]
    case .prepared: [2]
    case .warning(let text): [3] + text.utf8.prefix(4000)
    case .terminal: [4]
    case .ready: [5]
    case .born(let pid): [7] + number(pid)
    case .listener(let descriptor): [8] + number(descriptor)
    case .advice(let text): [9] + text.utf8.prefix(4000)
    case .failed(let error): [6, error.kind.rawValue] + error.message.utf8.prefix(16000)
    }
  }

  private static func number(_ value: Int32) -> [UInt8] {
    [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  private static func number(_ bytes: [UInt8]) -> Int32? {
    bytes.count == 5 ? bytes[1...].reversed().reduce(Int32(0)) { $0 << 8 | Int32($1) } : nil
  }

  /// nil for bytes that are no message.
  static func decode(_ bytes: [UInt8]) -> Message? {
    switch bytes.first {
    case 1: return .proceed
    case 2: return .prepared
    case 3: return .warning(String(decoding: bytes.dropFirst(), as: UTF8.self))
    case 4: return .terminal
    case 5: return .ready
    case 7: return number(bytes).map { .born($0) }
    case 8: return number(bytes).map { .listener($0) }
    case 9: return .advice(String(decoding: bytes.dropFirst(), as: UTF8.self))
    case 6:
      guard bytes.count >= 2, let kind = RuntimeError.Kind(rawValue: bytes[1]) else { return nil }
      return .failed(RuntimeError(kind, String(decoding: bytes.dropFirst(2), as: UTF8.self)))
    default: return nil
    }
  }
}

extension FileDescriptor {
  borrowing func say(_ message: Handshake.Message) throws(SyscallError) {
    // Plain write(2): a seccomp filter may be loaded by now, and this is the call that every filter lets
    // pass.
    try write(Handshake.encode(message))
  }

  /// An end that closed without having read all is told once as an error; what it said before comes after.
  private borrowing func receiveLast() throws(SyscallError) -> (bytes: [UInt8], descriptors: [Int32]) {
    do throws(SyscallError) { return try receive(upTo: 20000) } catch {
      guard error.errno == .connectionReset else { throw error }
      return try receive(upTo: 20000)
    }
  }

  /// The next message and the descriptor that came with it; nil at the end.
  borrowing func hear() throws(SyscallError) -> (message: Handshake.Message, descriptor: Int32?)? {
    let (bytes, descriptors) = try receiveLast()
    guard let message = Handshake.decode(bytes) else { return nil }
    return (message, descriptors.first)
  }
}
