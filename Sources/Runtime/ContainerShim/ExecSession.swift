import Linux
import ShimProtocol

/// A process run beside the container's first one, for a client.
final class ExecSession {
  let streams: ProcessStreams
  private(set) var state: ExecState
  private unowned let shim: Shim

  private init(_ shim: Shim, _ state: ExecState, _ streams: ProcessStreams) {
    self.shim = shim
    self.state = state
    self.streams = streams
  }

  static let most = 1000
  /// So many that have ended are remembered, for a daemon that was away meanwhile.
  static let remembered = 64

  /// Runs it and answers on the channel, which gets its streams afterwards.
  static func begin(_ spec: ExecSpec, _ shim: Shim, _ channel: Channel, _ answer: (ShimReply) -> Void) {
    do throws(ShimFailure) {
      try shim.checkRunning()
      guard shim.execs[spec.id] == nil else {
        throw ShimFailure(.badRequest, "exec \(spec.id) is running already")
      }
      guard shim.execs.count < most else {
        throw ShimFailure(.failed, "\(most) processes are being executed already")
      }
      let plumbing = try refusing("pipes") { () throws(SyscallError) in
        try Plumbing(terminal: spec.terminal, stdin: spec.stdin, size: spec.consoleSize)
      }
      let process = try shim.driver.exec(spec, plumbing.console)
      let streams = try plumbing.connected(
        shim.loop, process, openStdin: spec.stdin, closesInputWithClient: true, belongsToClient: true)
      let session = ExecSession(shim, ExecState(spec, pid: process.pid), streams)
      shim.execs[spec.id] = session
      shim.children.wait(for: process.pid) { status in session.ended(status.exitCode) }
      answer(.pid(process.pid))
      streams.attach(channel, stdin: spec.stdin, stdout: true, stderr: true)
    } catch {
      answer(.failed(error))
    }
  }

  private func ended(_ code: Int32) {
    guard shim.execs.removeValue(forKey: state.id) != nil else { return }
    state.code = code
    shim.endedExecs = shim.endedExecs.suffix(Self.remembered - 1) + [state]
    streams.drain()
    streams.end(code)
    shim.tell(.execExited(id: state.id, code: code))
  }

  /// The container has ended, and this with it, even if its parent has not been told yet.
  func containerEnded() {
    shim.children.forget(state.pid)
    ended(128 + 9)
  }
}
