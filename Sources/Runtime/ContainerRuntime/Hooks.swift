import JSON
import Linux
import OCISpec

/// Programs that a bundle wants run at points of the container's life (config.md, POSIX-platform Hooks).
enum Hooks {
  /// Runs them in turn, each with the state on its standard input; the first that fails stops the row.
  static func run(_ hooks: [Bundle.Hook], _ name: String, state: ContainerState) throws(RuntimeError) {
    if hooks.isEmpty { return }
    let text = JSON.encode(state)
    for (index, hook) in hooks.enumerated() {
      let name = "\(name) hook \(index) (\(hook.path))"
      let status = try step(name) { () throws(SyscallError) in try run(hook, input: text) }
      switch status {
      case .exited(0): continue
      case .exited(let code): throw RuntimeError(.failed, "\(name): exit status \(code)")
      case .signalled(let signal):
        throw RuntimeError(.failed, "\(name): ended by \(Signal(rawValue: signal))")
      case nil: throw RuntimeError(.failed, "\(name): not done after \(hook.timeout ?? 0) seconds")
      }
    }
  }

  /// How it ended; nil when it took too long and was killed.
  private static func run(_ hook: Bundle.Hook, input: [UInt8]) throws(SyscallError) -> WaitStatus? {
    // A file, not a pipe: a hook that does not read cannot hold us up.
    let file = try memoryFile("state")
    try file.write(input)
    try file.seek(to: 0)
    let arguments = hook.args.isEmpty ? [hook.path] : hook.args
    let pid = try Spawn(
      hook.path, arguments, environment: hook.env, descriptors: [file.rawValue, 1, 2]
    ).start()
    guard let timeout = hook.timeout, timeout > 0 else { return try Wait.forEnd(of: pid) }
    let end = Clock.monotonic + Int64(timeout) * 1_000_000_000
    while Clock.monotonic < end {
      if let ended = try Wait.reap(pid) { return ended.status }
      Clock.sleep(milliseconds: 2)
    }
    try Processes.signal(pid, .kill)
    _ = try Wait.forEnd(of: pid)
    return nil
  }
}
