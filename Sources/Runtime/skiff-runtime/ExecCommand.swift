import ContainerRuntime
import JSON
import Linux
import OCISpec

/// `exec`: another process in a running container.
enum ExecCommand {
  static let flags = [
    ("--process FILE, -p FILE", "the process as a document; the other flags are not used then"),
    ("--tty, -t", "a terminal"), ("--user UID[:GID], -u", "as whom"), ("--cwd DIR", "where"),
    ("--env NAME=VALUE, -e", "a variable more"), ("--additional-gids GID, -g", "a group more"),
    ("--cap NAME, -c", "a capability more"), ("--no-new-privs", "no privileges by execve"),
    ("--apparmor PROFILE", "an AppArmor profile"), ("--process-label LABEL", "an SELinux label"),
    ("--cgroup [CONTROLLERS:]PATH", "a cgroup below the container's"), ("--detach, -d", "do not wait"),
    ("--console-socket PATH", "a Unix socket that gets the terminal's master"),
    ("--pidfd-socket PATH", "a Unix socket that gets a pidfd"), ("--pid-file FILE", "gets the pid"),
    ("--preserve-fds N", "keep N descriptors from 3 on"), ("--ignore-paused", "in a paused container too"),
  ]

  static let run = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments,
      values: [
        "console-socket", "cwd", "env", "user", "additional-gids", "process", "pid-file", "cap",
        "preserve-fds", "process-label", "apparmor", "cgroup", "pidfd-socket",
      ],
      switches: ["tty", "detach", "no-new-privs", "ignore-paused"],
      short: [
        "t": "tty", "d": "detach", "e": "env", "u": "user", "p": "process", "g": "additional-gids",
        "c": "cap",
      ],
      command: "exec", stopsEarly: true)
    guard let id = flags.rest.first else {
      throw RuntimeError(.invalid, "\"exec\" requires the container's ID")
    }
    try ProgramProtection.ensure()
    let container = try Container.load(id, stateRoot: call.root)
    let process = try process(flags, container)
    let hasSocket = flags.value("console-socket") != nil
    if flags.has("detach") || hasSocket {
      try ConsoleSocket.check(hasTerminal: process.terminal, hasSocket: hasSocket)
    }
    var options = Container.ExecutionOptions()
    options.preserved = try flags.integer("preserve-fds", or: 0)
    options.evenPaused = flags.has("ignore-paused")
    options.cgroups = flags.all("cgroup")
    options.sharesMemory = true
    options.trace = call.trace
    var executed = try container.execute(process, options)
    call.warn(executed.warnings)
    if let file = flags.value("pid-file") { try PidFile.write(executed.pid, to: file) }
    if let socket = flags.value("pidfd-socket") { try ConsoleSocket.sendHandle(executed.pid, to: socket) }
    if flags.has("detach") {
      try ConsoleSocket.handOver(executed.takeTerminal(), to: flags.value("console-socket"))
      return 0
    }
    return try Relay.watch(executed.pid, terminal: executed.takeTerminal()).run()
  }

  /// The process of a document, or that of the container with what the flags change.
  private static func process(_ flags: ArgumentReader, _ container: Container) throws(RuntimeError)
    -> Bundle.Process
  {
    if let path = flags.value("process") {
      do { return try JSON.read(Bundle.Process.self, from: try Files.read(path)) } catch {
        throw RuntimeError(.invalid, "\(path): \(error)")
      }
    }
    var process = container.bundle.process ?? Bundle.Process(args: [])
    process.args = Array(flags.rest.dropFirst())
    process.terminal = flags.has("tty")
    process.cwd = flags.value("cwd") ?? process.cwd
    for variable in flags.all("env") {
      // The command finds the first of two; what was said last counts.
      let name = variable.prefix { $0 != "=" } + "="
      process.env.removeAll { $0.hasPrefix(name) }
      process.env.append(variable)
    }
    if flags.has("no-new-privs") { process.noNewPrivileges = true }
    process.apparmorProfile = flags.value("apparmor") ?? process.apparmorProfile
    process.selinuxLabel = flags.value("process-label") ?? process.selinuxLabel
    if let user = flags.value("user") { process.user = try parse(user: user, process.user) }
    for group in flags.all("additional-gids") {
      guard let number = UInt32(group) else {
        throw RuntimeError(.invalid, "--additional-gids: not a number: \(group)")
      }
      process.user.additionalGids.append(number)
    }
    let added = flags.all("cap")
    if let unknown = added.first(where: { Capabilities(name: $0) == nil }) {
      throw RuntimeError(.invalid, "--cap: unknown capability \(unknown)")
    }
    if !added.isEmpty {
      var sets = process.capabilities ?? Bundle.CapabilitySets()
      sets.bounding += added
      sets.effective += added
      sets.permitted += added
      process.capabilities = sets
    }
    return process
  }

  private static func parse(user text: String, _ before: Bundle.User) throws(RuntimeError) -> Bundle.User {
    let parts = text.split(separator: ":").map { UInt32($0) }
    guard (1...2).contains(parts.count), let uid = parts[0] else {
      throw RuntimeError(.invalid, "--user: not UID[:GID]: \(text)")
    }
    var user = before
    user.uid = uid
    if parts.count == 2 {
      guard let gid = parts[1] else { throw RuntimeError(.invalid, "--user: not UID[:GID]: \(text)") }
      user.gid = gid
    }
    return user
  }
}
