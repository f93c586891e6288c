import JSON
import Linux
import OCISpec

/// Programs that a bundle wants run at points of the container's life (config.md, POSIX-platform Hooks).
struct Hooks {
  let bundle: Bundle
  /// Where they start; nil: in the caller's current directory.
  let directory: String?

  /// Runs those of a kind in turn, each with the state on its standard input; the first that fails stops the
  /// row.
  func run(_ kind: KeyPath<Bundle.Hooks, [Bundle.Hook]>, _ name: String, state: ContainerState)
    throws(RuntimeError)
  {
    guard has(kind) else { return }
    let text = JSON.encode(state)
    for (index, hook) in (bundle.hooks?[keyPath: kind] ?? []).enumerated() {
      if let problem = try result(of: hook, "\(name) #\(index) (\(hook.path))", input: text) {
        throw problem
      }
    }
  }

  /// Runs all of a kind, whatever happens to the others; what happened.
  func runAll(_ kind: KeyPath<Bundle.Hooks, [Bundle.Hook]>, _ name: String, state: ContainerState) -> [String]
  {
    guard has(kind) else { return [] }
    let text = JSON.encode(state)
    var problems: [String] = []
    for (index, hook) in (bundle.hooks?[keyPath: kind] ?? []).enumerated() {
      do throws(RuntimeError) {
        if let problem = try result(of: hook, "\(name) #\(index) (\(hook.path))", input: text) {
          problems.append(problem.message)
        }
      } catch {
        problems.append(error.message)
      }
    }
    return problems
  }

  func has(_ kind: KeyPath<Bundle.Hooks, [Bundle.Hook]>) -> Bool {
    bundle.hooks.map { !$0[keyPath: kind].isEmpty } ?? false
  }

  private func result(of hook: Bundle.Hook, _ name: String, input: [UInt8]) throws(RuntimeError)
    -> RuntimeError?
  {
    let prefix = "error running hook: \(name)"
    let status = try step(prefix) { () throws(SyscallError) in try run(hook, input: input) }
    switch status {
    case .exited(0): return nil
    case .exited(let code): return RuntimeError(.failed, "\(prefix): exit status \(code)")
    case .signalled(31): return RuntimeError(.failed, "\(prefix): signal: bad system call")
    case .signalled(let signal):
      return RuntimeError(.failed, "\(prefix): signal: \(Signal(rawValue: signal))")
    case nil: return RuntimeError(.failed, "\(prefix): not done after \(hook.timeout ?? 0) seconds")
    }
  }

  /// How it ended; nil when it took too long and was killed.
  private func run(_ hook: Bundle.Hook, input: [UInt8]) throws(SyscallError) -> WaitStatus? {
    // A file, not a pipe: a hook that does not read cannot hold us up.
    let file = try memoryFile("state", holding: input)
    let arguments = hook.args.isEmpty ? [hook.path] : hook.args
    let output = try stream("run.oci.hooks.stdout")
    let errors = try stream("run.oci.hooks.stderr")
    var program = Spawn(
      hook.path, arguments, environment: hook.env ?? Environment.all(),
      descriptors: [file.rawValue, Self.number(output) ?? 1, Self.number(errors) ?? 2])
    program.directory = directory
    let pid = try program.start()
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

  /// Where an annotation wants the hooks' output, as other runtimes know it.
  private func stream(_ annotation: String) throws(SyscallError) -> FileDescriptor? {
    guard let path = bundle.annotations[annotation] else { return nil }
    return try FileDescriptor.open(path, .appendOrCreate, mode: 0o600)
  }

  private static func number(_ file: borrowing FileDescriptor?) -> Int32? {
    switch file {
    case .some(let file): file.rawValue
    case .none: nil
    }
  }
}
