import ContainerRuntime
import JSON
import Linux
import OCISpec

/// `exec`: another process in a running container.
enum ExecCommand {
  static let run: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments,
      values: [
        "console-socket", "cwd", "env", "user", "additional-gids", "process", "pid-file", "cap",
        "preserve-fds",
        "process-label", "apparmor", "cgroup",
      ],
      switches: ["tty", "detach", "no-new-privs", "ignore-paused"],
      short: [
        "t": "tty", "d": "detach", "e": "env", "u": "user", "p": "process", "g": "additional-gids",
        "c": "cap",
      ],
      command: "exec", stopsEarly: true)
    guard flags.value("cgroup") == nil else { throw RuntimeError(.invalid, "exec --cgroup is not supported") }
    guard let id = flags.rest.first else {
      throw RuntimeError(.invalid, "\"exec\" requires the container's ID")
    }
    try ProgramProtection.ensure()
    let container = try Container.load(id, stateRoot: root)
    let process = try process(flags, container)
    var executed = try container.execute(
      process, preserved: try flags.integer("preserve-fds", or: 0),
      evenPaused: flags.has("ignore-paused"))
    for warning in executed.warnings { Output.writeError("skiff-runtime: warning: \(warning)\n") }
    if let file = flags.value("pid-file") { try PidFile.write(executed.pid, to: file) }
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
      do { return try JSON.decode(Bundle.Process.self, from: try Files.read(path)) } catch {
        throw RuntimeError(.invalid, "\(path): \(error)")
      }
    }
    var process = container.bundle.process ?? Bundle.Process(args: [])
    process.args = Array(flags.rest.dropFirst())
    process.terminal = flags.has("tty")
    process.cwd = flags.value("cwd") ?? process.cwd
    process.env += flags.values["env"] ?? []
    if flags.has("no-new-privs") { process.noNewPrivileges = true }
    if let user = flags.value("user") { process.user = try parse(user: user, process.user) }
    for group in flags.values["additional-gids"] ?? [] {
      guard let number = UInt32(group) else {
        throw RuntimeError(.invalid, "--additional-gids: not a number: \(group)")
      }
      process.user.additionalGids.append(number)
    }
    let added = flags.values["cap"] ?? []
    if !added.isEmpty, var sets = process.capabilities {
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
