import ContainerLog
import Linux
import ShimProtocol

/// The standard streams of one process, and the clients attached to them.
///
/// Output goes to `record` and to every client that wants it. A client that falls behind holds the process back, but
/// only as long as it takes something now and then; one that takes nothing for `patience` is let go.
final class ProcessStreams {
  static let patience: Int64 = 60_000_000_000

  /// Called with all output, before any client gets it.
  var record: (LogStream, ArraySlice<UInt8>) -> Void = { _, _ in }

  private struct Client {
    let channel: Channel
    let stdout: Bool
    let stderr: Bool
  }

  private let loop: Loop
  private let input: ProcessInput?
  private let outputs: [ProcessOutput]
  private let terminal: FileDescriptor?
  private let closesInputWithClient: Bool
  private let belongsToClient: Bool
  private var clients: [Client] = []
  private var isHeld = false
  private var stall: Loop.Token?

  /// `closesInputWithClient`: a client that ends its input ends the process's. `belongsToClient`: so does one that goes
  /// away.
  init(
    _ loop: Loop, input: ProcessInput?, outputs: [ProcessOutput], terminal: consuming FileDescriptor? = nil,
    closesInputWithClient: Bool, belongsToClient: Bool
  ) {
    self.loop = loop
    self.input = input
    self.outputs = outputs
    self.terminal = terminal
    self.closesInputWithClient = closesInputWithClient
    self.belongsToClient = belongsToClient
    for output in outputs {
      output.take = { [unowned self, unowned output] bytes in take(output.stream, bytes) }
    }
    input?.onProgress = { [unowned self] in inputMoved() }
  }

  /// Hands a client the outputs it wants from now on, and takes its input if it may give any.
  func attach(_ channel: Channel, stdin: Bool, stdout: Bool, stderr: Bool) {
    clients.append(Client(channel: channel, stdout: stdout, stderr: stderr))
    channel.onProgress = { [unowned self] in clientMoved() }
    channel.onClose = { [unowned self, unowned channel] in detach(channel) }
    channel.onFrame = { [unowned self, unowned channel] type, payload in
      switch type {
      case .input where stdin: feed(payload, from: channel)
      case .endOfInput where stdin && closesInputWithClient: input?.end()
      default: break
      }
    }
  }

  func resize(_ size: ConsoleSize) throws(SyscallError) {
    guard terminal != nil else { return }
    try terminal?.setWindowSize(WindowSize(rows: size.rows, columns: size.columns))
  }

  /// Passes on everything that is in the outputs now.
  func drain() {
    for output in outputs { output.drain() }
  }

  /// The process has ended: tells the clients its exit code after its output, and lets them go.
  func end(_ code: Int32) {
    for output in outputs { output.close() }
    input?.close()
    loop.cancel(stall)
    let last = clients
    clients = []
    for client in last {
      client.channel.onFrame = { _, _ in }
      client.channel.onProgress = {}
      client.channel.onClose = {}
      client.channel.send(.exited, ExitCode.bytes(code))
      client.channel.finish()
    }
  }

  private func take(_ stream: LogStream, _ bytes: ArraySlice<UInt8>) {
    record(stream, bytes)
    for client in clients where stream == .stdout ? client.stdout : client.stderr {
      client.channel.send(stream == .stdout ? .output : .errorOutput, bytes)
    }
    if !isHeld, clients.contains(where: { $0.channel.queued > Channel.highWater }) { hold() }
  }

  private func feed(_ bytes: [UInt8], from channel: Channel) {
    guard let input, input.isOpen else { return }
    input.write(bytes)
    if input.queued > Channel.highWater { channel.setReading(false) }
  }

  private func inputMoved() {
    guard let input, !input.isOpen || input.queued < Channel.lowWater else { return }
    for client in clients { client.channel.setReading(true) }
  }

  private func hold() {
    isHeld = true
    for output in outputs { output.hold() }
    awaitProgress()
  }

  private func awaitProgress() {
    loop.cancel(stall)
    stall = loop.after(Self.patience) { [unowned self] in
      for client in clients where client.channel.queued > Channel.lowWater { client.channel.close() }
    }
  }

  private func clientMoved() {
    guard isHeld else { return }
    if clients.contains(where: { $0.channel.queued > Channel.lowWater }) { return awaitProgress() }
    isHeld = false
    loop.cancel(stall)
    for output in outputs {
      // Out of memory for one more watch: then this output stays held, and the process waits.
      do { try output.goOn() } catch { continue }
    }
  }

  private func detach(_ channel: Channel) {
    clients.removeAll { $0.channel === channel }
    if belongsToClient, closesInputWithClient { input?.end() }
    clientMoved()
  }
}

/// An exit code in a frame.
enum ExitCode {
  static func bytes(_ code: Int32) -> [UInt8] {
    let raw = UInt32(bitPattern: code)
    return [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: raw >> $0) }
  }
}
