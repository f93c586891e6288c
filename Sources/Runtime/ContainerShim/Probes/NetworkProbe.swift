import Linux
import ShimProtocol
import TextFormats

/// Probes a server in the container's network namespace: connects, talks, says what it has found. No process is made
/// for it.
final class NetworkProbe {
  /// A probe hears no more than this.
  private static let mostBytes = 1 << 20

  private let loop: Loop
  private let target: ProbeTarget
  /// The container's first process, whose network it is.
  private let pid: Int32
  private let timeout: Int64
  private let done: (ProbeVerdict, _ isLate: Bool) -> Void
  private var talk: any ProbeTalk
  private var rest: ArraySlice<InternetEndpoint>
  private var connection: Connection?
  private var timer: Loop.Token?
  private var heardBytes = 0
  /// Of the first address: what others say matters less.
  private var failure: String?

  private final class Connection {
    let descriptor: FileDescriptor
    var token: Loop.Token = 0
    var isConnected = false
    init(owning raw: Int32) { descriptor = FileDescriptor(owning: raw) }
  }

  /// - Parameter done: called once, unless the probe is cancelled before; never before `begin` returns.
  init(
    _ loop: Loop, _ target: ProbeTarget, pid: Int32, hosts: String, timeout: Int64,
    done: @escaping (ProbeVerdict, _ isLate: Bool) -> Void
  ) {
    self.loop = loop
    self.target = target
    self.pid = pid
    self.timeout = timeout
    self.done = done
    talk =
      switch target.scheme {
      case .http: HTTPTalk(target)
      case .tcp: ConnectionTalk()
      case .postgres: PostgresTalk(target)
      case .redis: RedisTalk(target)
      }
    // A file that is gone names nobody.
    let addresses = ProbeAddresses.of(target) { (try? Files.text(hosts)) ?? "" }
    rest = addresses.prefix(8)
    if addresses.isEmpty {
      failure = "\(target.host) is neither localhost nor an address nor in the container's /etc/hosts"
    }
  }

  func begin() {
    timer = loop.after(timeout) { [self] in late() }
    tryNext()
  }

  func cancel() {
    loop.cancel(timer)
    close()
  }

  private func tryNext() {
    close()
    while let endpoint = rest.popFirst() {
      do throws(SyscallError) { return try connect(endpoint) } catch {
        note(error)
      }
    }
    // Told from the loop: whoever began the probe has not heard of it yet.
    loop.cancel(timer)
    timer = loop.after(0) { [self] in finish(ProbeVerdict(isHealthy: false, text: refusal)) }
  }

  private func connect(_ endpoint: InternetEndpoint) throws(SyscallError) {
    let raw = try NetworkPlace.visit("/proc/\(pid)/ns/net") { () throws(SyscallError) in
      try InternetSocket.connect(endpoint, nonBlocking: true).release()
    }
    let opened = Connection(owning: raw)
    opened.token = try loop.watch(raw, .writable) { [self] _ in ready(opened) }
    connection = opened
  }

  private func ready(_ opened: Connection) {
    do throws(SyscallError) {
      if opened.isConnected { return try read(opened) }
      if let errno = try opened.descriptor.pendingError() {
        throw SyscallError(call: "connect", errno: errno)
      }
      opened.isConnected = true
      guard target.scheme != .tcp else {
        return finish(ProbeVerdict(isHealthy: true, text: "\(target.place): connected"))
      }
      // So few bytes fit into a new connection's buffer.
      try opened.descriptor.write(talk.opening)
      loop.change(opened.token, opened.descriptor.rawValue, .readable)
    } catch {
      if error.errno == .wouldBlock { return }
      if opened.isConnected { return ended("\(target.place): \(error.errno)") }
      note(error)
      tryNext()
    }
  }

  private func note(_ error: SyscallError) {
    if failure == nil { failure = "\(target.place): \("\(error.errno)".lowercased())" }
  }

  private func read(_ opened: Connection) throws(SyscallError) {
    let bytes = try opened.descriptor.read(upTo: 16384)
    heardBytes += bytes.count
    if bytes.isEmpty { return ended("\(target.place): connected, and closed without an answer") }
    if let verdict = talk.heard(bytes) { return finish(verdict) }
    if heardBytes > Self.mostBytes { ended("\(target.place): an answer without end") }
  }

  private func ended(_ otherwise: String) {
    finish(talk.ended() ?? ProbeVerdict(isHealthy: false, text: otherwise))
  }

  private func late() {
    if let verdict = talk.ended() { return finish(verdict) }
    let stage = connection?.isConnected == true ? "connected, but no answer" : "no connection"
    let time = GoDuration.format(nanoseconds: timeout)
    let text = "Health check exceeded timeout (\(time)): \(target.place): \(stage)"
    finish(ProbeVerdict(isHealthy: false, text: text), isLate: true)
  }

  private func finish(_ verdict: ProbeVerdict, isLate: Bool = false) {
    cancel()
    done(verdict, isLate)
  }

  private func close() {
    guard let connection else { return }
    loop.forget(connection.token, connection.descriptor.rawValue)
    self.connection = nil
  }

  /// Why there was no connection, and what listens instead.
  private var refusal: String {
    let listeners = ListeningSockets.of(pid).filter { $0.host != "127.0.0.11" }
    let places = listeners.prefix(8).map { $0.isIPv6 ? "[\($0.host)]:\($0.port)" : "\($0.host):\($0.port)" }
    let instead =
      places.isEmpty
      ? "nothing listens in the container" : "the container listens on \(places.joined(separator: ", "))"
    return "\(failure ?? target.place); \(instead)"
  }
}
