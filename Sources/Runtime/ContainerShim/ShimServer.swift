import JSON
import Linux
import ShimProtocol

/// Listens on the shim's socket and does what clients ask.
final class ShimServer {
  /// More conversations than any daemon has: one for every exec, and then some.
  private static let mostChannels = 1200
  /// Clients that have not yet asked for anything: the oldest gives way, so that nobody is locked out by them.
  private static let mostStrangers = 64
  /// How long one may take to ask.
  private static let strangersTime: Int64 = 30_000_000_000
  /// How long the shim stays for clients that have not yet taken everything.
  private static let patience: Int64 = 600_000_000_000

  private let shim: Shim
  private let loop: Loop
  private let path: String
  private let door: Door
  private var channels: [ObjectIdentifier: Channel] = [:]
  private var strangers: [Channel] = []
  private var resolver: Resolver?
  private var isEnding = false

  /// Whatever is left at the path of a shim that is no more makes way.
  init(_ shim: Shim, _ loop: Loop, path: String, resolver: Resolver?) throws(SyscallError) {
    self.shim = shim
    self.loop = loop
    self.path = path
    self.resolver = resolver
    try Files.unlink(path)
    let socket = try Self.listen(path)
    try socket.setNonBlocking(true)
    door = Door(loop, socket)
    try door.open { [unowned self] raw in accept(raw) }
    shim.onEnding = { [unowned self] in listenNoMore() }
    shim.onEnd = { [unowned self] in end() }
  }

  /// A socket's address has room for 107 bytes; by way of its directory any path fits.
  private static func listen(_ path: String) throws(SyscallError) -> FileDescriptor {
    guard let slash = path.lastIndex(of: "/") else { return try UnixSocket.listen(path) }
    let directory = try FileDescriptor.open(String(path[...slash]), [.path, .directory])
    return try UnixSocket.listen("\(directory.procPath)/\(path[path.index(after: slash)...])")
  }

  /// The connection that the shim was born with: its client hears everything. A container that nobody has started
  /// by the time this client is gone never will be: it goes too.
  func adopt(_ socket: consuming FileDescriptor) throws(SyscallError) {
    let channel = try Channel(loop, socket)
    keep(channel)
    shim.subscribe(channel, atBirth: true)
    reply(.ok, to: channel)
  }

  private func accept(_ raw: Int32) {
    let socket = FileDescriptor(owning: raw)
    guard channels.count < Self.mostChannels else { return }
    let channel: Channel
    do { channel = try Channel(loop, socket) } catch { return Diagnostics.say("\(error)") }
    keep(channel)
    strangers.append(channel)
    let timer = loop.after(Self.strangersTime) { [unowned channel] in channel.close() }
    channel.onFrame = { [unowned self, unowned channel] type, payload in
      loop.cancel(timer)
      strangers.removeAll { $0 === channel }
      if type == .request { take(payload, from: channel) } else { channel.close() }
    }
    channel.onDeparture = { [unowned self] in loop.cancel(timer) }
    if strangers.count > Self.mostStrangers { strangers[0].close() }
  }

  private func keep(_ channel: Channel) {
    let name = ObjectIdentifier(channel)
    channels[name] = channel
    channel.onRelease = { [unowned self, unowned channel] in
      channel.onDeparture()
      strangers.removeAll { $0 === channel }
      channels[name] = nil
      if isEnding, channels.isEmpty { loop.stop() }
    }
  }

  private func take(_ payload: [UInt8], from channel: Channel) {
    channel.onFrame = { _, _ in }
    do {
      perform(try JSON.decode(ShimRequest.self, from: payload), for: channel)
    } catch {
      reply(.failed(ShimFailure(.badRequest, "request: \(error)")), to: channel)
    }
  }

  private func reply(_ reply: ShimReply, to channel: Channel) { channel.send(.reply, JSON.encode(reply)) }

  private func perform(_ request: ShimRequest, for channel: Channel) {
    switch request {
    case .start: shim.start { reply($0, to: channel) }
    case .state: reply(.state(shim.state), to: channel)
    case .subscribe:
      reply(.subscribed(pid: Processes.ownID), to: channel)
      shim.subscribe(channel)
    case .attach(let stdin, let stdout, let stderr):
      reply(.ok, to: channel)
      shim.attach(channel, stdin: stdin, stdout: stdout, stderr: stderr)
    case .serveNames(let file): reply(serveNames(file), to: channel)
    case .exec(let spec): ExecSession.begin(spec, shim, channel) { reply($0, to: channel) }
    default: performSimple(request, for: channel)
    }
  }

  private func performSimple(_ request: ShimRequest, for channel: Channel) {
    do throws(ShimFailure) {
      switch request {
      case .kill(let signal, let all, let final): try shim.kill(signal, all: all, final: final)
      case .stop(let signal, let timeout, let mayHurry):
        try shim.stop(signal, timeout: timeout, mayHurry: mayHurry ?? false)
      case .resize(let exec, let size): try resize(exec, size)
      case .pause: try shim.pause()
      case .resume: try shim.resume()
      case .updateRestart(let policy): shim.update(policy)
      case .discard: try shim.discard()
      case .start, .state, .subscribe, .attach, .exec, .serveNames: break
      }
      reply(.ok, to: channel)
    } catch {
      reply(.failed(error), to: channel)
    }
  }

  /// Answers at 127.0.0.11 from now on, where it does not yet.
  private func serveNames(_ file: String) -> ShimReply {
    guard let namespace = shim.spec.networkNamespace else {
      return .failed(ShimFailure(.badRequest, "container \(shim.spec.id) has no network of its own"))
    }
    if resolver != nil { return .ok }
    do {
      resolver = try Resolver(loop, file: file, namespace: namespace)
      return .ok
    } catch {
      return .failed(ShimFailure(.failed, "name server: \(error)"))
    }
  }

  private func resize(_ exec: String?, _ size: ConsoleSize) throws(ShimFailure) {
    if let exec, shim.execs[exec] == nil { throw ShimFailure(.noSuchExec, "no such exec instance: \(exec)") }
    guard let streams = exec.map({ shim.execs[$0]?.streams }) ?? shim.streams else {
      throw ShimFailure(.wrongPhase, "container \(shim.spec.id) is not running")
    }
    try refusing("resize") { () throws(SyscallError) in try streams.resize(size) }
  }

  /// Clears the path for the next shim of this container.
  private func listenNoMore() {
    door.close()
    // A socket without a listener refuses like one that is not there.
    do { try Files.unlink(path) } catch { Diagnostics.say("\(error)") }
  }

  /// Stays until every client has what is on its way to it, or patience is over.
  private func end() {
    isEnding = true
    // After the reply to whoever asked for the end.
    _ = loop.after(0) { [unowned self] in
      for channel in Array(channels.values) { channel.finish() }
      if channels.isEmpty { return loop.stop() }
      // Whoever waits here long shall not hold the container's files.
      RootMount.unmountQuietly("\(shim.spec.bundle)/rootfs")
      ImageMounting.unmountQuietly(shim.spec.imageMounts ?? [])
    }
    _ = loop.after(Self.patience) { [unowned self] in loop.stop() }
  }
}
