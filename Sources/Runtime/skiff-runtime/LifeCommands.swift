import ContainerRuntime
import JSON
import Linux
import OCISpec

/// The commands that change a container's life.
enum LifeCommands {
  private static func reader(_ call: Call, _ more: [String] = []) throws(RuntimeError) -> ArgumentReader {
    try ArgumentReader(
      call.arguments, values: ["bundle", "console-socket", "pidfd-socket", "pid-file", "preserve-fds"],
      switches: more + ["no-pivot", "no-new-keyring"], short: ["b": "bundle", "d": "detach"],
      command: call.command)
  }

  private static func make(_ flags: ArgumentReader, _ id: String, _ call: Call) throws(RuntimeError)
    -> Container
  {
    try ProgramProtection.ensure()
    let container = try Container.create(
      id, bundle: flags.value("bundle") ?? ".", stateRoot: call.root, options: try options(flags, call))
    call.warn(container.warnings)
    do throws(RuntimeError) {
      if let file = flags.value("pid-file") { try PidFile.write(container.pid, to: file) }
      if let socket = flags.value("pidfd-socket") { try ConsoleSocket.sendHandle(container.pid, to: socket) }
    } catch {
      try container.delete(force: true, reap: true)
      throw error
    }
    return container
  }

  private static func options(_ flags: ArgumentReader, _ call: Call) throws(RuntimeError) -> Container.Options
  {
    var options = Container.Options()
    options.preserved = try flags.integer("preserve-fds", or: 0)
    options.pivots = !flags.has("no-pivot")
    options.makesKeyring = !flags.has("no-new-keyring")
    options.trace = call.trace
    options.usesSystemd = call.usesSystemd
    if let passed = PassedSockets.received() {
      options.preserved += passed.count
      options.change = { passed.tell(&$0) }
    }
    let hasSocket = flags.value("console-socket") != nil
    if call.command == "create" || flags.has("detach") {
      try checkConsole(flags.value("bundle") ?? ".", hasSocket: hasSocket)
    }
    return options
  }

  /// Told before anything is made.
  private static func checkConsole(_ bundle: String, hasSocket: Bool) throws(RuntimeError) {
    // What is wrong with the file is told by the one who makes the container from it.
    guard let bytes = try? Files.read("\(bundle)/config.json"),
      case .object(let document)? = try? JSON.parse(bytes), case .object(let process)? = document["process"]
    else { return }
    try ConsoleSocket.check(hasTerminal: process["terminal"] == .bool(true), hasSocket: hasSocket)
  }

  static let create = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try reader(call)
    let container = try make(flags, try flags.onlyArgument("create"), call)
    do throws(RuntimeError) {
      try ConsoleSocket.handOver(container.takeTerminal(), to: flags.value("console-socket"))
    } catch {
      try container.delete(force: true, reap: true)
      throw error
    }
    return 0
  }

  static let start = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(call.arguments, values: [], switches: [], command: "start")
    try Container.load(try flags.onlyArgument("start"), stateRoot: call.root).start()
    return 0
  }

  static let run = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try reader(call, ["no-subreaper", "detach", "keep"])
    let container = try make(flags, try flags.onlyArgument("run"), call)
    do throws(RuntimeError) {
      if flags.has("detach") {
        try ConsoleSocket.handOver(container.takeTerminal(), to: flags.value("console-socket"))
        try container.start()
        return 0
      }
      let relay = try Relay.watch(container.pid, terminal: container.takeTerminal())
      try container.start()
      let code = try relay.run()
      if !flags.has("keep") { call.warn(try container.delete(force: true)) }
      return code
    } catch {
      // The error that led here is the one to tell.
      _ = try? container.delete(force: true, reap: true)
      throw error
    }
  }

  static let kill = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: [], switches: ["all"], short: ["a": "all"], command: "kill")
    guard (1...2).contains(flags.rest.count) else {
      throw RuntimeError(.invalid, "\"kill\" requires the container's ID and at most a signal")
    }
    let name = flags.rest.count == 2 ? flags.rest[1] : "TERM"
    guard let signal = name == "0" ? Signal.none : Signal(name) else {
      throw RuntimeError(.invalid, "unknown signal \"\(name)\"")
    }
    try Container.load(flags.rest[0], stateRoot: call.root).kill(signal, all: flags.has("all"))
    return 0
  }

  static let delete = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: [], switches: ["force"], short: ["f": "force"], command: "delete")
    let id = try flags.onlyArgument("delete")
    do throws(RuntimeError) {
      call.warn(try Container.load(id, stateRoot: call.root).delete(force: flags.has("force")))
    } catch  where error.kind == .noSuchContainer && flags.has("force") {
      try Container.sweep(id, stateRoot: call.root)
    }
    return 0
  }

  static let pause = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(call.arguments, values: [], switches: [], command: "pause")
    try Container.load(try flags.onlyArgument("pause"), stateRoot: call.root).pause()
    return 0
  }

  static let resume = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(call.arguments, values: [], switches: [], command: "resume")
    try Container.load(try flags.onlyArgument("resume"), stateRoot: call.root).resume()
    return 0
  }

  static let update = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: ResourceFlags.names, switches: [], short: ["r": "resources"], command: "update")
    let container = try Container.load(try flags.onlyArgument("update"), stateRoot: call.root)
    try container.update(try ResourceFlags.read(flags))
    return 0
  }
}
