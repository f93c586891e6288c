// A connection is one conversation: one request, its reply, and what that request brings after it.
//
//   client                                shim
//   request {"start":{}}            →
//                                   ←    reply {"pid":…} or {"failed":{…}}
//   request {"subscribe":{}}        →    reply {"subscribed":…}, then event frames until the shim ends
//   request {"attach":{…}}          →    reply, output and errorOutput frames, `exited` at the end;
//                                        the client sends input frames and endOfInput
//   request {"exec":{…}}            →    reply {"pid":…}, then as attach
//
// A shim that skiffd starts finds such a connection, subscribed already, at descriptor 3: its reply there says
// that the container is created, or why not.

/// What a client asks of a shim; one JSON object per request frame.
public enum ShimRequest: Codable, Sendable, Equatable {
  case start
  case state
  /// `final`: the user wants it ended, so no restart follows.
  case kill(signal: Int32, all: Bool, final: Bool)
  case resize(exec: String?, size: ConsoleSize)
  case pause
  case resume
  case attach(stdin: Bool, stdout: Bool, stderr: Bool)
  case exec(ExecSpec)
  case subscribe
  /// The user wants it stopped: signal, then kill after the timeout (seconds; negative waits for ever). No restart
  /// follows. Answered at once; the shim kills even if the client is gone by then. With `mayHurry` it kills at once where
  /// the kernel throws the signal away (nil: no).
  case stop(signal: Int32, timeout: Int, mayHurry: Bool?)
  case updateRestart(RestartPolicy)
  /// End without having started the container.
  case discard
  /// Answer at 127.0.0.11 from this file, for a container that has got into a network with names.
  case serveNames(file: String)
}

/// A process to run beside the container's own.
public struct ExecSpec: Codable, Sendable, Equatable {
  public var id: String
  public var arguments: [String]
  public var environment: [String]
  public var workingDirectory: String
  public var uid: UInt32
  public var gid: UInt32
  public var additionalGroups: [UInt32]
  public var terminal: Bool
  public var consoleSize: ConsoleSize?
  public var stdin: Bool
  public var privileged: Bool
  /// Capability names (`CAP_CHOWN`) of the bounding, permitted and effective sets; nil takes the container's.
  public var capabilities: [String]?
  public var noNewPrivileges: Bool

  public init(
    id: String, arguments: [String], environment: [String], workingDirectory: String, uid: UInt32,
    gid: UInt32,
    additionalGroups: [UInt32] = [], terminal: Bool = false, consoleSize: ConsoleSize? = nil,
    stdin: Bool = false,
    privileged: Bool = false, capabilities: [String]? = nil, noNewPrivileges: Bool = false
  ) {
    self.id = id
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.uid = uid
    self.gid = gid
    self.additionalGroups = additionalGroups
    self.terminal = terminal
    self.consoleSize = consoleSize
    self.stdin = stdin
    self.privileged = privileged
    self.capabilities = capabilities
    self.noNewPrivileges = noNewPrivileges
  }
}

/// The answer to a request.
public enum ShimReply: Codable, Sendable, Equatable {
  case ok
  case state(ShimState)
  /// Of the started or executed process, as the host sees it.
  case pid(Int32)
  /// The answer to `subscribe`: the shim's own pid.
  case subscribed(pid: Int32)
  case failed(ShimFailure)
}

/// Why a shim did not do what it was asked.
public struct ShimFailure: Error, Codable, Sendable, Equatable {
  public enum Kind: String, Codable, Sendable {
    /// The command is not in the container (127).
    case commandNotFound
    /// The command is there and cannot be executed (126).
    case commandNotExecutable
    /// Not in this phase: not running, not paused, already started.
    case wrongPhase
    case noSuchExec
    case badRequest
    case failed
  }
  public var kind: Kind
  public var message: String
  public init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }
}

/// Where a container stands.
public struct ShimState: Codable, Sendable, Equatable {
  public enum Phase: String, Codable, Sendable { case created, running, paused, restarting, exited }
  public var phase: Phase
  /// The init process as the host sees it; 0 while none runs.
  public var pid: Int32
  public var restartCount: Int
  /// RFC 3339 with nanoseconds; empty before the first start.
  public var startedAt: String
  public var health: HealthState?
  /// How the latest run ended, where the policy has restarted it or is about to.
  public var lastExit: ExitStatus?
  /// The processes beside the first one, those that have lately ended included.
  public var execs: [ExecState]?
  /// What is to be said of processes that the kernel has killed for want of memory in this run; nil where there are none.
  public var outOfMemory: String?
  public init(
    phase: Phase, pid: Int32, restartCount: Int = 0, startedAt: String = "", health: HealthState? = nil,
    lastExit: ExitStatus? = nil, execs: [ExecState]? = nil, outOfMemory: String? = nil
  ) {
    self.outOfMemory = outOfMemory
    self.execs = execs
    self.phase = phase
    self.pid = pid
    self.restartCount = restartCount
    self.startedAt = startedAt
    self.health = health
    self.lastExit = lastExit
  }
}

/// What a daemon that comes back learns of a process that was executed beside the first one.
public struct ExecState: Codable, Sendable, Equatable {
  /// Longer ones are left out here: a container may have a thousand of these.
  public static let longestArguments = 1024

  public var id: String
  public var pid: Int32
  /// Empty where it is longer than `longestArguments` bytes.
  public var arguments: [String]
  public var terminal: Bool
  /// Nil while it runs.
  public var code: Int32?

  public init(_ spec: ExecSpec, pid: Int32) {
    id = spec.id
    self.pid = pid
    let length = spec.arguments.reduce(0) { $0 + $1.utf8.count }
    arguments = length > Self.longestArguments ? [] : spec.arguments
    terminal = spec.terminal
  }
}

public struct HealthState: Codable, Sendable, Equatable {
  public enum Status: String, Codable, Sendable { case starting, healthy, unhealthy }
  public struct Probe: Codable, Sendable, Equatable {
    public var start: String
    public var end: String
    public var exitCode: Int32
    public var output: String
    public init(start: String, end: String, exitCode: Int32, output: String) {
      self.start = start
      self.end = end
      self.exitCode = exitCode
      self.output = output
    }
  }
  public var status: Status
  public var failingStreak: Int
  /// The last five, the oldest first.
  public var log: [Probe]
  public init(status: Status, failingStreak: Int, log: [Probe]) {
    self.status = status
    self.failingStreak = failingStreak
    self.log = log
  }
}

/// How a container ended; also the contents of the exit file.
public struct ExitStatus: Codable, Sendable, Equatable {
  /// 0-255; 128 + n for signal n.
  public var code: Int32
  public var outOfMemory: Bool
  public var startedAt: String
  public var finishedAt: String
  public var restartCount: Int
  /// Why it could not be started, where that is what happened.
  public var failure: String?
  /// Why it ended, where that is known and its code does not say it.
  public var explanation: String?
  /// Its shim was killed, so that nobody applied the restart policy.
  public var shimWasKilled: Bool?
  /// How the explanation begins of one that could not hear its stop signal.
  public static let killedAtOnce = "killed at once"
  public init(
    code: Int32, outOfMemory: Bool, startedAt: String, finishedAt: String, restartCount: Int = 0,
    failure: String? = nil, explanation: String? = nil
  ) {
    self.code = code
    self.outOfMemory = outOfMemory
    self.startedAt = startedAt
    self.finishedAt = finishedAt
    self.restartCount = restartCount
    self.failure = failure
    self.explanation = explanation
  }
}

/// What a subscriber hears. `exited` with `willRestart` is followed by `started` after the back-off.
public enum ShimEvent: Codable, Sendable, Equatable {
  case started(pid: Int32, at: String)
  case exited(ExitStatus, willRestart: Bool)
  /// The kernel has killed a process of it for want of memory; with what is to be said of that.
  case outOfMemory(String?)
  case health(HealthState)
  /// A probe has begun that is a process in the container; one runs at a time.
  case probeStarted
  /// Its process has ended; what that means follows as `health`.
  case probeExited(code: Int32)
  case execExited(id: String, code: Int32)
}
