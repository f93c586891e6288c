import Cgroups
import JSON
import Linux
import OCISpec
import ShimProtocol

/// Drives a runtime by its command line, which runc, crun and skiff-runtime share.
final class CommandDriver: ContainerDriver {
  private let command: String
  private let spec: ShimSpec
  private let own: Bundle.Process
  private var isCreated = false
  private var executions = 0

  init(_ command: String, _ spec: ShimSpec) throws(ShimFailure) {
    self.command = command
    self.spec = spec
    own = try BundleFile.process(spec.bundle)
  }

  func create(_ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    isCreated = true
    return try making("create", ["--bundle", spec.bundle], console)
  }

  func start() throws(ShimFailure) { try run(["start", spec.id]) }

  func exec(_ spec: ExecSpec, _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    try execute(ExecProcess.make(spec, beside: own), console)
  }

  func probe(_ arguments: [String], _ console: ProcessConsole) throws(ShimFailure) -> DrivenProcess {
    try execute(ExecProcess.probe(arguments, beside: own), console)
  }

  func signal(_ number: Int32, all: Bool) throws(ShimFailure) {
    try run(["kill"] + (all ? ["--all"] : []) + [spec.id, String(number)])
  }

  func pause() throws(ShimFailure) { try run(["pause", spec.id]) }
  func resume() throws(ShimFailure) { try run(["resume", spec.id]) }

  /// Not told by the command line.
  func outOfMemoryKills() -> UInt64 { 0 }

  func outOfMemoryNotice() -> OutOfMemoryNotice? { nil }

  func lastWord(code: Int32) -> String? { nil }

  func memoryPeak() -> (peak: UInt64, limit: UInt64?)? { nil }

  func delete() {
    guard isCreated else { return }
    isCreated = false
    do { try run(["delete", "--force", spec.id]) } catch { Diagnostics.say(error.message) }
  }

  private func execute(_ process: Bundle.Process, _ console: ProcessConsole) throws(ShimFailure)
    -> DrivenProcess
  {
    executions += 1
    let file = "\(spec.bundle)/exec.\(executions).json"
    try refusing("exec") { () throws(SyscallError) in
      try Files.write(file, JSON.encode(process), mode: 0o600)
    }
    defer { forget(file) }
    return try making("exec", ["--detach", "--process", file], console)
  }

  /// Runs a command that makes a process, gives it its streams, and learns its pid.
  private func making(
    _ command: String, _ options: [String], _ console: ProcessConsole
  ) throws(ShimFailure) -> DrivenProcess {
    let pidFile = "\(spec.bundle)/\(command).pid"
    defer { forget(pidFile) }
    let arguments = [command, "--pid-file", pidFile] + options
    switch console {
    case .streams(let stdin, let stdout, let stderr):
      try run(arguments + [spec.id], [stdin, stdout, stderr])
      return DrivenProcess(pid: try readPid(pidFile), terminal: nil)
    case .terminal(let size):
      let path = "\(spec.socket).console"
      let listener = try refusing("console socket") { () throws(SyscallError) in
        try Files.unlink(path)
        return try UnixSocket.listen(path)
      }
      defer { forget(path) }
      try run(arguments + ["--console-socket", path, spec.id])
      let master = try refusing("console socket") { () throws(SyscallError) in
        let connection = try listener.accept()
        let received = try connection.receive(upTo: 256).descriptors
        for extra in received.dropFirst() { _ = FileDescriptor(owning: extra) }
        guard let first = received.first else { throw SyscallError(call: "recvmsg", errno: .noData) }
        if let size {
          try borrow(first) { file throws(SyscallError) in
            try file.setWindowSize(WindowSize(rows: size.rows, columns: size.columns))
          }
        }
        return first
      }
      return DrivenProcess(pid: try readPid(pidFile), terminal: master)
    }
  }

  private func run(_ arguments: [String], _ streams: [Int32] = [0, 2, 2]) throws(ShimFailure) {
    let log = "\(spec.bundle)/runtime.log"
    forget(log)
    let words = ["--root", spec.stateRoot, "--log", log, "--log-format", "json"] + arguments
    let status = try refusing(command) { () throws(SyscallError) in
      try Spawn(
        command, [command] + words, environment: Environment.all(), descriptors: streams.map { $0 }
      ).run()
    }
    if status != .exited(0) { throw failure(log, arguments[0], status) }
  }

  private func failure(_ log: String, _ step: String, _ status: WaitStatus?) -> ShimFailure {
    // Where the runtime wrote nothing, its status is all there is to say.
    let lines = ((try? Files.text(log)) ?? "").split(separator: "\n")
    let messages = lines.compactMap { line in (try? JSON.parse(Array(line.utf8)))?["msg"]?.string }
    guard let message = messages.last else {
      return ShimFailure(.failed, "\(command) \(step): exit code \(status?.exitCode ?? -1)")
    }
    let kind: ShimFailure.Kind =
      if message.contains("executable file not found") || message.contains("no such file or directory") {
        .commandNotFound
      } else if message.contains("permission denied") {
        .commandNotExecutable
      } else {
        .failed
      }
    return ShimFailure(kind, message)
  }

  private func readPid(_ path: String) throws(ShimFailure) -> Int32 {
    let text = try refusing("pid file") { () throws(SyscallError) in try Files.text(path) }
    guard let pid = Int32(text) else { throw ShimFailure(.failed, "\(path): no pid") }
    return pid
  }

  private func forget(_ path: String) {
    do { try Files.unlink(path) } catch { Diagnostics.say("\(error)") }
  }
}
