import ContainerRuntime
import JSON
import Linux

/// One call of the program: global flags, then a command and its own.
struct Program {
  static let version = "0.1.0"
  let arguments: [String]

  func run() -> Never {
    var log = ErrorLog(path: nil, isJSON: false)
    var failureCode: Int32 = 1
    do throws(RuntimeError) {
      let global = try ArgumentReader(
        arguments, values: ["root", "log", "log-format", "rootless", "criu"],
        switches: ["debug", "systemd-cgroup", "version", "help"], short: ["v": "version", "h": "help"],
        command: "skiff-runtime", stopsEarly: true)
      log = ErrorLog(path: global.value("log"), isJSON: global.value("log-format") == "json")
      if global.has("version") {
        Output.write("skiff-runtime version \(Self.version)\nspec: 1.2.0\n")
        Processes.exit(0)
      }
      guard let name = global.rest.first, name != "help", !global.has("help") else {
        Output.write(Self.help)
        Processes.exit(0)
      }
      guard let command = Self.commands[name] else {
        throw RuntimeError(
          .invalid, "no such command: \(name)\nRun skiff-runtime --help for the commands there are.")
      }
      // So that it is not taken for the exit code of the command.
      if name == "exec" { failureCode = 255 }
      if global.has("debug") { log.debug("\(name) by skiff-runtime \(Self.version)") }
      if global.rest.contains(where: { $0 == "-h" || $0 == "--help" }) && name != "exec" {
        Output.write("Usage: skiff-runtime \(name) [FLAGS] [ARGUMENTS]\n\n\(Self.help)")
        Processes.exit(0)
      }
      let root = global.value("root") ?? "/run/skiff-runtime"
      Processes.exit(try command(Array(global.rest.dropFirst()), root))
    } catch {
      log.write(error)
      Processes.exit(failureCode)
    }
  }

  typealias Command = @Sendable (_ arguments: [String], _ root: String) throws(RuntimeError) -> Int32

  static let commands: [String: Command] = [
    "create": LifeCommands.create, "start": LifeCommands.start, "run": LifeCommands.run,
    "kill": LifeCommands.kill,
    "delete": LifeCommands.delete, "pause": LifeCommands.pause, "resume": LifeCommands.resume,
    "exec": ExecCommand.run, "state": TellCommands.state, "list": TellCommands.list,
    "ps": TellCommands.processes,
    "spec": TellCommands.spec, "features": TellCommands.features, "update": LifeCommands.update,
  ]

  static let help = """
    Makes and runs containers from OCI bundles.

    Usage: skiff-runtime [--root DIR] [--log FILE] [--log-format text|json] COMMAND [FLAGS] [ARGUMENTS]

    Commands:
      create    make a container that waits for its start
      start     let the command of a created container run
      run       create, start, wait and delete
      state     print a container's state as JSON
      kill      send a signal to a container's first process
      delete    remove what is left of a stopped container
      exec      run another process in a container
      pause     stop all processes of a container where they are
      resume    let them go on
      update    change a container's limits
      list      list the containers below --root
      ps        list the processes in a container
      spec      write an example config.json
      features  print what this runtime can do

    Example:
      mkdir -p bundle/rootfs && cd bundle && skiff-runtime spec && skiff-runtime run --bundle . box

    """
}

/// Where errors go besides standard error: a file, as runc's callers expect it.
struct ErrorLog {
  let path: String?
  let isJSON: Bool

  func write(_ error: RuntimeError) {
    Output.writeError("skiff-runtime: \(error.message)\n")
    if path != nil { write("error", error.message) }
  }

  func debug(_ message: String) { write("debug", message) }

  private func write(_ level: String, _ message: String) {
    let time = Container.timestamp()
    let entry: JSONValue = ["level": .string(level), "msg": .string(message), "time": .string(time)]
    let line = isJSON ? JSON.encode(entry) : Array("time=\"\(time)\" level=\(level) msg=\"\(message)\"".utf8)
    guard let path else { return Output.write(line + [UInt8(ascii: "\n")], to: 2) }
    // An error was told on standard error already.
    try? FileDescriptor.open(path, .appendOrCreate).write(line + [UInt8(ascii: "\n")])
  }
}

enum Output {
  static func write(_ text: String) { write(Array(text.utf8), to: 1) }
  static func writeError(_ text: String) { write(Array(text.utf8), to: 2) }
  static func write(_ bytes: [UInt8], to number: Int32) {
    guard FileDescriptor.isOpen(number) else { return }
    // There is nowhere to say that nobody listens.
    try? FileDescriptor.borrowing(number) { (stream) throws(SyscallError) in try stream.write(bytes) }
  }
}
