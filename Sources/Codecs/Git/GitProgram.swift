import Linux
import Reactor
import Synchronization

/// Runs the host's git in one directory.
struct GitProgram: Sendable {
  /// Whose settings git takes: those of the user who asked, who may be asked for a password, or nobody's.
  enum Settings: Sendable { case user, none }

  let path: String
  let directory: String
  let settings: Settings

  /// What git says beyond this many bytes is forgotten, but for its end.
  static let mostOutput = 16 << 10

  /// Where this machine's git stands; nil where it has none.
  static func find() -> String? { ProgramRun.find("git", in: Environment.value("PATH") ?? "/usr/bin:/bin") }

  init(in directory: String, _ settings: Settings) throws(GitError) {
    guard let path = Self.find() else { throw .absent }
    self.path = path
    self.directory = directory
    self.settings = settings
  }

  /// Runs git and answers how it ended, with what it said on both outputs. A cancelled task ends it.
  func run(_ arguments: [String]) async throws(GitError) -> (isGood: Bool, output: String) {
    let child = Child(ownGroup: settings == .none)
    let spawn = spawn(arguments)
    let result = await withTaskCancellationHandler {
      await blocking { child.run(spawn) }
    } onCancel: {
      child.stop()
    }
    if Task.isCancelled { throw .cancelled }
    return try result.get()
  }

  private func spawn(_ arguments: [String]) -> Spawn {
    var spawn = Spawn(path, ["git"] + Self.options + arguments, environment: environment, descriptors: [])
    spawn.directory = directory
    // Nobody is there to be asked: git shall not find a terminal either.
    spawn.newSession = settings == .none
    return spawn
  }

  /// No hooks, no work in the background, no waiting for a server that has fallen silent.
  private static let options = [
    "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "gc.auto=0", "-c",
    "maintenance.auto=false",
    "-c", "http.lowSpeedLimit=1", "-c", "http.lowSpeedTime=60", "-c", "advice.detachedHead=false",
    "-c", "submodule.recurse=false",
  ]

  /// What of the caller's environment would lead git to another repository.
  private static let misleading: Set<String> = [
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR", "GIT_NAMESPACE", "GIT_PREFIX", "GIT_TEMPLATE_DIR", "GIT_TRACE",
    "GIT_CEILING_DIRECTORIES",
  ]

  var environment: [String] {
    var fixed = [
      // Whatever a repository's submodules say: no ext::, which runs programs, and no files of this machine.
      "GIT_ALLOW_PROTOCOL": "git:http:https:ssh", "LC_ALL": "C", "LANGUAGE": "",
    ]
    if settings == .none {
      fixed.merge([
        "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": "/dev/null",
        "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false", "GIT_SSH_COMMAND": "ssh -o BatchMode=yes",
      ]) { $1 }
    }
    let inherited = Environment.all().filter { entry in
      let name = String(entry.prefix { $0 != "=" })
      return fixed[name] == nil && !Self.misleading.contains(name)
    }
    return inherited + fixed.map { "\($0.key)=\($0.value)" }.sorted()
  }

  /// One run of the program; its pid is good for a signal as long as it is in `pid`.
  private final class Child: Sendable {
    private enum State { case waiting, running(Int32), stopped }
    private let state = Mutex(State.waiting)
    private let ownGroup: Bool

    init(ownGroup: Bool) { self.ownGroup = ownGroup }

    func run(_ spawn: Spawn) -> Result<(isGood: Bool, output: String), GitError> {
      do throws(SyscallError) { return .success(try finish(spawn)) } catch {
        return .failure(.system("run git: \(error)"))
      }
    }

    private func finish(_ spawn: Spawn) throws(SyscallError) -> (isGood: Bool, output: String) {
      let pipe = try Pipe()
      let nothing = try FileDescriptor.open("/dev/null", [.readOnly])
      var spawn = spawn
      spawn.descriptors = [nothing.rawValue, pipe.writeEnd.rawValue, pipe.writeEnd.rawValue]
      guard let pid = try start(spawn) else { return (false, "") }
      let text = try Self.end(of: pipe.intoReadEnd())
      // Nobody holds the outputs any more, so that the wait is short: `stop` may wait for it.
      let status = try state.withLock { state throws(SyscallError) in
        defer { state = .stopped }
        return try Wait.forEnd(of: pid)
      }
      return (status == .exited(0), text)
    }

    private func start(_ spawn: Spawn) throws(SyscallError) -> Int32? {
      try state.withLock { state throws(SyscallError) in
        if case .stopped = state { return nil }
        let pid = try spawn.start()
        state = .running(pid)
        return pid
      }
    }

    private static func end(of output: consuming FileDescriptor) throws(SyscallError) -> String {
      var text: [UInt8] = []
      while true {
        let bytes = try output.read(upTo: 1 << 16)
        if bytes.isEmpty { break }
        text += bytes
        if text.count > 2 * mostOutput { text.removeFirst(text.count - mostOutput) }
      }
      return String(decoding: text.suffix(mostOutput), as: UTF8.self)
    }

    /// Ends git with what it has started: its own group at once, else by the signal that it passes on.
    func stop() {
      state.withLock { state in
        if case .running(let pid) = state {
          // One that has ended by itself cannot be stopped, and need not be.
          try? Processes.signal(ownGroup ? -pid : pid, ownGroup ? .kill : .terminate)
        } else {
          state = .stopped
        }
      }
    }
  }
}
