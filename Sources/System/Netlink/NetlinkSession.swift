import Glibc
import Linux
import Synchronization

/// A conversation with rtnetlink(7), sock_diag(7) or netfilter, in the network namespace of the thread that opened it, whoever uses it later.
public final class NetlinkSession: Sendable {
  private struct State: ~Copyable {
    let socket: FileDescriptor
    var sequence: UInt32 = 0
  }

  private let state: Mutex<State>

  /// Whom the session talks to (netlink(7)).
  public enum Family: Int32, Sendable { case route = 0, sockets = 4, netfilter = 12 }

  public init(_ family: Family = .route) throws(NetlinkError) {
    do throws(SyscallError) {
      let netlink: CInt = 16
      let raw = CInt(3) | O_CLOEXEC
      let socket = FileDescriptor(
        owning: try syscall("socket") { Glibc.socket(netlink, raw, family.rawValue) })
      // Texts beside error numbers, error messages without our own request in them, dumps that honour their filters.
      for option: CInt in [11, 10, 12] {
        var on: CInt = 1
        let number = socket.rawValue
        try syscall("setsockopt") { setsockopt(number, 270, option, &on, socklen_t(MemoryLayout<CInt>.size)) }
      }
      state = Mutex(State(socket: socket))
    } catch { throw NetlinkError(purpose: "open netlink", error) }
  }

  /// Sends all requests by one system call. The kernel tries every one of them, also after a
  /// failure; the first failure is thrown when all are answered.
  public func run(_ requests: [NetlinkRequest]) throws(NetlinkError) {
    if !requests.isEmpty { try run(requests, answered: 0...(requests.count - 1)) }
  }

  /// The same, where only some of the requests are answered: netfilter's batches have a beginning and an end that
  /// are not.
  func run(_ requests: [NetlinkRequest], answered places: ClosedRange<Int>) throws(NetlinkError) {
    let first = requests[places.lowerBound]
    try state.withLock { state throws(NetlinkError) in
      let start = state.sequence &+ 1
      var bytes: [UInt8] = []
      for (place, request) in requests.enumerated() {
        state.sequence &+= 1
        bytes += (places.contains(place) ? request.acknowledged : request).message(sequence: state.sequence)
      }
      try Self.send(bytes, on: state.socket, first.purpose)
      var failure: NetlinkError?
      var answered = 0
      while answered < places.count {
        for message in try Self.receive(on: state.socket, first.purpose) {
          let index = Int(message.sequence &- start)
          guard message.type == Message.error, requests.indices.contains(index) else { continue }
          // A batch that is refused as a whole has one answer.
          answered += places.contains(index) ? 1 : places.count
          if let error = message.error(requests[index].purpose), failure == nil { failure = error }
        }
      }
      if let failure { throw failure }
    }
  }

  public func run(_ request: NetlinkRequest) throws(NetlinkError) { try run([request]) }

  /// The same, where links that do not exist are fine.
  public func runWherePresent(_ requests: [NetlinkRequest]) throws(NetlinkError) {
    do throws(NetlinkError) { try run(requests) } catch {
      guard error.errno.isMissingDevice else { throw error }
    }
  }

  /// The answers to a request for many objects.
  func dump(_ request: NetlinkRequest) throws(NetlinkError) -> [Message] {
    try state.withLock { state throws(NetlinkError) in
      state.sequence &+= 1
      let sequence = state.sequence
      try Self.send(request.message(sequence: sequence), on: state.socket, request.purpose)
      var answers: [Message] = []
      while true {
        for message in try Self.receive(on: state.socket, request.purpose) where message.sequence == sequence
        {
          switch message.type {
          case Message.done: return answers
          case Message.error:
            if let error = message.error(request.purpose) { throw error }
            return answers
          default: answers.append(message)
          }
        }
      }
    }
  }

  /// The single answer to a request for one object.
  func ask(_ request: NetlinkRequest) throws(NetlinkError) -> Message? {
    try state.withLock { state throws(NetlinkError) in
      state.sequence &+= 1
      let sequence = state.sequence
      try Self.send(request.message(sequence: sequence), on: state.socket, request.purpose)
      while true {
        for message in try Self.receive(on: state.socket, request.purpose) where message.sequence == sequence
        {
          if message.type == Message.error {
            if let error = message.error(request.purpose) { throw error }
            return nil
          }
          return message
        }
      }
    }
  }

  private static func send(_ bytes: [UInt8], on socket: borrowing FileDescriptor, _ purpose: String)
    throws(NetlinkError)
  {
    let raw = socket.rawValue
    do throws(SyscallError) {
      try syscall("send") { bytes.withUnsafeBytes { Glibc.send(raw, $0.baseAddress, $0.count, 0) } }
    } catch { throw NetlinkError(purpose: purpose, error) }
  }

  private static func receive(on socket: borrowing FileDescriptor, _ purpose: String) throws(NetlinkError)
    -> [Message]
  {
    do throws(SyscallError) { return Message.parse(try socket.read(upTo: 65536)) } catch {
      throw NetlinkError(purpose: purpose, error)
    }
  }
}

extension NetlinkRequest {
  var acknowledged: NetlinkRequest { NetlinkRequest(self, flags: flags | Flag.acknowledge) }

  private init(_ other: NetlinkRequest, flags: UInt16) {
    type = other.type
    self.flags = flags
    body = other.body
    purpose = other.purpose
  }
}
