import DNSMessages
import Linux

/// One question on its way to the upstreams, one after the other, from the host's network.
///
/// Each try has a socket of its own: the kernel picks its port and lets in only what its peer sends, and the id is a
/// random one, so that nobody else's answer is taken for the upstream's.
final class Forward {
  static let patience: Int64 = 2_000_000_000
  static let mostTries = 4

  private let loop: Loop
  private let query: DNSQuery
  private var message: [UInt8]
  private let overTCP: Bool
  private var rest: ArraySlice<InternetEndpoint>
  private let id = UInt16.random(in: 0 ... .max)
  private var lastAnswer: [UInt8]?
  private var socket: Int32?
  private var token: Loop.Token = 0
  private var timer: Loop.Token?
  private var sent = 0
  private var received: [UInt8] = []
  private var done: ([UInt8]?) -> Void = { _ in }

  init(_ loop: Loop, _ query: DNSQuery, _ message: [UInt8], _ upstreams: [InternetEndpoint], overTCP: Bool) {
    self.loop = loop
    self.query = query
    self.message = message
    self.overTCP = overTCP
    let tries = upstreams.count == 1 && !overTCP ? upstreams + upstreams : upstreams
    rest = tries.prefix(Self.mostTries)
    DNSQuery.replaceID(id, in: &self.message)
    if overTCP {
      self.message = [UInt8(self.message.count >> 8), UInt8(self.message.count & 255)] + self.message
    }
  }

  /// Calls `done` with the answer, or nil where no upstream has one.
  func begin(_ done: @escaping ([UInt8]?) -> Void) {
    self.done = done
    tryNext()
  }

  private func tryNext() {
    close()
    while let upstream = rest.popFirst() {
      // An upstream that cannot be reached at all is passed over.
      if (try? start(upstream)) != nil { return }
    }
    let done = done
    self.done = { _ in }
    done(lastAnswer)
  }

  private func start(_ upstream: InternetEndpoint) throws(SyscallError) {
    sent = 0
    received = []
    let opened: FileDescriptor
    if overTCP {
      opened = try InternetSocket.connect(upstream, nonBlocking: true)
    } else {
      opened = try InternetSocket.connectUDP(upstream)
      _ = try opened.sendSome(message[...])
    }
    let raw = opened.rawValue
    token = try loop.watch(raw, overTCP ? .writable : .readable) { [unowned self] readiness in
      ready(readiness)
    }
    socket = opened.release()
    timer = loop.after(Self.patience) { [unowned self] in tryNext() }
  }

  private func ready(_ readiness: Readiness) {
    guard let socket else { return }
    do {
      if overTCP, sent < message.count {
        sent += try borrow(socket) { file throws(SyscallError) in try file.sendSome(message[sent...]) }
        if sent == message.count { loop.change(token, socket, .readable) }
        return
      }
      let bytes = try borrow(socket) { file throws(SyscallError) in try file.read(upTo: 65535) }
      if overTCP { try takeStream(bytes) } else { took(bytes) }
    } catch {
      if error.errno != .wouldBlock { tryNext() }
    }
  }

  private func takeStream(_ bytes: [UInt8]) throws(SyscallError) {
    if bytes.isEmpty { throw SyscallError(call: "read", errno: .connectionReset) }
    received += bytes
    guard received.count >= 2 else { return }
    let length = Int(received[0]) << 8 | Int(received[1])
    if received.count >= 2 + length { took(Array(received[2..<(2 + length)])) }
  }

  private func took(_ bytes: [UInt8]) {
    guard let reply = DNSReply(reading: bytes[...]), reply.id == id, reply.answers(query) else {
      // Not an answer to this question: over UDP the real one may still come.
      if overTCP { tryNext() }
      return
    }
    var answer = bytes
    DNSQuery.replaceID(query.id, in: &answer)
    // One that refuses or fails may have a neighbour that knows.
    if reply.code == DNSCode.serverFailure.rawValue || reply.code == DNSCode.refused.rawValue {
      lastAnswer = answer
      return tryNext()
    }
    rest = []
    lastAnswer = answer
    tryNext()
  }

  private func close() {
    loop.cancel(timer)
    guard let raw = socket else { return }
    socket = nil
    loop.forget(token, raw)
    _ = FileDescriptor(owning: raw)
  }
}
