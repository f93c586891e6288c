import ContainerRuntime
import Linux

/// The first process of a container with `--init`: starts the command, hands signals on to it, takes note of every
/// orphan that ends, and ends as the command does.
public enum InitProgram {
  /// Where the container finds it.
  public static let path = "/sbin/docker-init"

  /// `docker-init -- COMMAND [ARG…]`; the exit code where the command could not be started, else it does not return.
  public static func run(_ arguments: [String]) -> Int32 {
    let words = Array(arguments.dropFirst(arguments.dropFirst().first == "--" ? 2 : 1))
    guard let command = words.first else {
      say("usage: docker-init -- COMMAND [ARG...]")
      return 2
    }
    do throws(SyscallError) {
      let loop = try Loop()
      let children = try Children(loop, others: handedOn)
      let pid = try start(command, words)
      children.wait(for: pid) { Processes.exitNow($0.exitCode) }
      // The command may have ended in the meantime: its exit is on its way.
      children.onSignal = { try? Processes.signal(pid, $0) }
      giveTerminal(to: pid)
      try loop.run()
      return 0
    } catch {
      // One that was searched for has no file to look at.
      say(
        command.contains("/")
          ? ExecutionRefusal.text(command, error.errno) : "exec \(command) failed: \(error.errno)")
      return error.errno == .noSuchFile ? 127 : 126
    }
  }

  /// All but those that stop or end whoever gets them, and those that tell of a process's own faults.
  private static let handedOn: [Signal] = {
    let kept = [
      "KILL", "STOP", "CHLD", "PIPE", "SEGV", "BUS", "FPE", "ILL", "TRAP", "ABRT", "SYS", "TTIN", "TTOU",
    ]
    .compactMap { Signal($0) }
    let numbers = Array(Int32(1)...31) + Array(Int32(34)...64)
    return numbers.map(Signal.init(rawValue:)).filter { !kept.contains($0) }
  }()

  /// In a group of its own, so that a terminal's signals reach it and not its parent.
  private static func start(_ command: String, _ words: [String]) throws(SyscallError) -> Int32 {
    var failure = SyscallError(call: "exec", subject: command, errno: .noSuchFile)
    for path in candidates(command) {
      var spawn = Spawn(path, words, environment: Environment.all(), descriptors: [0, 1, 2])
      spawn.newGroup = true
      do throws(SyscallError) {
        return try spawn.start()
      } catch {
        if error.errno != .noSuchFile && error.errno != .notADirectory { failure = error }
      }
    }
    throw failure
  }

  private static func candidates(_ command: String) -> [String] {
    if command.contains("/") { return [command] }
    let path = Environment.value("PATH") ?? ""
    return path.split(separator: ":", omittingEmptySubsequences: false).map {
      $0.isEmpty ? command : "\($0)/\(command)"
    }
  }

  private static func giveTerminal(to pid: Int32) {
    let input = FileDescriptor(owning: 0)
    if input.isTerminal() {
      // A command that has ended already needs no terminal; one that read too early was stopped for it.
      try? input.setForegroundGroup(pid)
      try? Processes.signal(pid, .continue)
    }
    _ = input.release()
  }

  private static func say(_ text: String) {
    let output = FileDescriptor(owning: 2)
    // With nobody to read it there is nobody to be told.
    try? output.write("docker-init: \(text)\n".utf8)
    _ = output.release()
  }
}
