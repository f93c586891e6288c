import Cgroups
import ContainerRuntime
import Linux
import OCISpec
import ShimProtocol

/// Drives the runtime that is built into the shim: no process is started but the container's own.
final class LibraryDriver: ContainerDriver {
  private let spec: ShimSpec
  private var bundle: Bundle
  private var wasCreated = false
  private let own: Bundle.Process
  private var container: Container?

  init(_ spec: ShimSpec) throws(ShimFailure) {
    self.spec = spec
    var bundle = try BundleFile.read(spec.bundle)
    guard var process = bundle.process else {
      throw ShimFailure(.failed, "\(spec.bundle)/config.json: no process")
    }
    if let size = spec.consoleSize {
      process.consoleSize = Bundle.ConsoleSize(height: size.rows, width: size.columns)
      bundle.process = process
    }
    own = process
    self.bundle = bundle
  }

  func create(_ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    if wasCreated { try takeLimits() }
    wasCreated = true
    var options = Container.Options()
    options.bundle = bundle
    options.streams = streams(of: console)
    // Without a shim nobody takes what it writes, and nobody sees its end.
    options.endsWithMaker = true
    options.keepsLastWord = true
    options.confinedSources = spec.confinedSources ?? [:]
    options.blocksSignals = own.args.first == InitProgram.path
    let made = try translated { () throws(RuntimeError) in try make(options) }
    for warning in made.warnings { Diagnostics.say(warning) }
    container = made
    return DrivenProcess(pid: made.pid, terminal: made.takeTerminal()?.release())
  }

  /// Limits may have been changed since the last start.
  private func takeLimits() throws(ShimFailure) {
    bundle.linux?.resources = try BundleFile.read(spec.bundle).linux?.resources
  }

  private func make(_ options: Container.Options) throws(RuntimeError) -> Container {
    do throws(RuntimeError) {
      return try Container.create(spec.id, bundle: spec.bundle, stateRoot: spec.stateRoot, options: options)
    } catch  where error.kind == .containerExists {
      // Only a shim that was killed leaves its container behind.
      ShimLeftovers.remove(spec)
      return try Container.create(spec.id, bundle: spec.bundle, stateRoot: spec.stateRoot, options: options)
    }
  }

  func start() throws(ShimFailure) {
    let container = try current()
    try translated { () throws(RuntimeError) in try container.start() }
  }

  func exec(_ spec: ExecSpec, _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    try execute(ExecProcess.make(spec, beside: own), console)
  }

  func probe(_ arguments: [String], _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    try execute(ExecProcess.probe(arguments, beside: own), console)
  }

  func signal(_ number: Int32, all: Bool) throws(ShimFailure) {
    let container = try current()
    try translated { () throws(RuntimeError) in try container.kill(Signal(rawValue: number), all: all) }
  }

  func pause() throws(ShimFailure) {
    let container = try current()
    try translated { () throws(RuntimeError) in try container.pause() }
  }

  func resume() throws(ShimFailure) {
    let container = try current()
    try translated { () throws(RuntimeError) in try container.resume() }
  }

  func outOfMemoryKills() -> UInt64 { container?.cgroup.outOfMemoryKills() ?? 0 }

  func outOfMemoryNotice() throws(SyscallError) -> OutOfMemoryNotice? {
    guard let container else { return nil }
    return try OutOfMemoryNotice.of(container.cgroup)
  }

  func lastWord(code: Int32) -> String? { container?.lastWord(code: code) }

  func memoryPeak() -> (peak: UInt64, limit: UInt64?)? {
    guard let usage = container?.cgroup.measure(), let peak = usage.memoryPeak else { return nil }
    return (peak, usage.memoryLimit)
  }

  func delete() {
    guard let container else { return }
    self.container = nil
    do throws(RuntimeError) { try container.delete(force: true, reap: true) } catch {
      Diagnostics.say("delete: \(error)")
    }
  }

  private func execute(_ process: Bundle.Process, _ console: ProcessConsole) throws(ShimFailure)
    -> DrivenProcess
  {
    let container = try current()
    let streams = streams(of: console)
    do throws(RuntimeError) {
      var made = try container.execute(process, streams: streams)
      for warning in made.warnings { Diagnostics.say(warning) }
      return DrivenProcess(pid: made.pid, terminal: made.takeTerminal()?.release())
    } catch {
      throw ShimFailure(error)
    }
  }

  /// A terminal's descriptors come from the container; what is named here is not used then.
  private func streams(of console: ProcessConsole) -> [Int32] {
    switch console {
    case .streams(let stdin, let stdout, let stderr): [stdin, stdout, stderr]
    case .terminal: [0, 1, 2]
    }
  }

  private func current() throws(ShimFailure) -> Container {
    guard let container else { throw ShimFailure(.wrongPhase, "container \(spec.id) is not running") }
    return container
  }

  private func translated<Value>(_ body: () throws(RuntimeError) -> Value) throws(ShimFailure) -> Value {
    do { return try body() } catch { throw ShimFailure(error) }
  }
}

extension ShimFailure {
  init(_ error: RuntimeError) {
    let kind: Kind =
      switch error.kind {
      case .commandNotFound: .commandNotFound
      case .commandNotExecutable: .commandNotExecutable
      case .wrongState: .wrongPhase
      case .failed, .invalid, .noSuchContainer, .containerExists: .failed
      }
    self.init(kind, error.message)
  }
}
