import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The commands that change a container's life.
enum LifeCommands {
  private static func reader(_ arguments: [String], _ command: String) throws(RuntimeError) -> ArgumentReader
  {
    try ArgumentReader(
      arguments, values: ["bundle", "console-socket", "pid-file", "preserve-fds"],
      switches: ["no-pivot", "no-new-keyring", "no-subreaper", "detach", "keep"],
      short: ["b": "bundle", "d": "detach"],
      command: command)
  }

  private static func make(_ flags: ArgumentReader, _ id: String, root: String) throws(RuntimeError)
    -> Container
  {
    try ProgramProtection.ensure()
    var options = Container.Options()
    options.preserved = try flags.integer("preserve-fds", or: 0)
    let container = try Container.create(
      id, bundle: flags.value("bundle") ?? ".", stateRoot: root, options: options)
    for warning in container.warnings { Output.writeError("skiff-runtime: warning: \(warning)\n") }
    do throws(RuntimeError) {
      if let file = flags.value("pid-file") { try PidFile.write(container.pid, to: file) }
    } catch {
      try container.delete(force: true, reap: true)
      throw error
    }
    return container
  }

  static let create: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try reader(arguments, "create")
    let id = try flags.onlyArgument("create")
    let container = try make(flags, id, root: root)
    do throws(RuntimeError) {
      try ConsoleSocket.handOver(container.takeTerminal(), to: flags.value("console-socket"))
    } catch {
      try container.delete(force: true, reap: true)
      throw error
    }
    return 0
  }

  static let start: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(arguments, values: [], switches: [], command: "start")
    try Container.load(try flags.onlyArgument("start"), stateRoot: root).start()
    return 0
  }

  static let run: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try reader(arguments, "run")
    let id = try flags.onlyArgument("run")
    let container = try make(flags, id, root: root)
    do throws(RuntimeError) {
      if flags.has("detach") {
        try ConsoleSocket.handOver(container.takeTerminal(), to: flags.value("console-socket"))
        try container.start()
        return 0
      }
      let relay = try Relay.watch(container.pid, terminal: container.takeTerminal())
      try container.start()
      let code = try relay.run()
      if !flags.has("keep") { try container.delete(force: true) }
      return code
    } catch {
      // The error that led here is the one to tell.
      try? container.delete(force: true, reap: true)
      throw error
    }
  }

  static let kill: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: [], switches: ["all"], short: ["a": "all"], command: "kill")
    guard (1...2).contains(flags.rest.count) else {
      throw RuntimeError(.invalid, "\"kill\" requires the container's ID and at most a signal")
    }
    let name = flags.rest.count == 2 ? flags.rest[1] : "TERM"
    guard let signal = name == "0" ? Signal.none : Signal(name) else {
      throw RuntimeError(.invalid, "unknown signal \"\(name)\"")
    }
    try Container.load(flags.rest[0], stateRoot: root).kill(signal, all: flags.has("all"))
    return 0
  }

  static let delete: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: [], switches: ["force"], short: ["f": "force"], command: "delete")
    let id = try flags.onlyArgument("delete")
    do throws(RuntimeError) {
      try Container.load(id, stateRoot: root).delete(force: flags.has("force"))
    } catch  where error.kind == .noSuchContainer && flags.has("force") {
      return 0
    }
    return 0
  }

  static let pause: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(arguments, values: [], switches: [], command: "pause")
    try Container.load(try flags.onlyArgument("pause"), stateRoot: root).pause()
    return 0
  }

  static let resume: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(arguments, values: [], switches: [], command: "resume")
    try Container.load(try flags.onlyArgument("resume"), stateRoot: root).resume()
    return 0
  }

  static let update: Program.Command = { (arguments, root) throws(RuntimeError) in
    let flags = try ArgumentReader(
      arguments, values: ResourceFlags.names, switches: [], short: ["r": "resources"], command: "update")
    let container = try Container.load(try flags.onlyArgument("update"), stateRoot: root)
    try container.update(try ResourceFlags.read(flags))
    return 0
  }
}
