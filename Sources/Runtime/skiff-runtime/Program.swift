import CSeccomp
import ContainerRuntime
import Linux
import OCISpec

/// One call of the program: global flags, then a command and its own.
struct Program {
  static let version = "0.1.0"
  let arguments: [String]
  /// As it was called: who takes it for runc finds runc.
  let name: String

  init(_ all: [String]) {
    arguments = Array(all.dropFirst())
    name = all.first?.split(separator: "/").last.map(String.init) ?? "skiff-runtime"
  }

  func run() -> Never {
    var log = ErrorLog(program: name)
    var failureCode: Int32 = 1
    do throws(RuntimeError) {
      let global = try ArgumentReader(
        arguments, values: ["root", "log", "log-format", "rootless", "criu"],
        switches: ["debug", "systemd-cgroup", "version", "help"], short: ["v": "version", "h": "help"],
        command: name, stopsEarly: true)
      log = try ErrorLog(program: name, path: global.value("log"), format: global.value("log-format"))
      if global.has("version") { tellVersion() }
      guard let word = global.rest.first, !(word == "help" && global.rest.count == 1), !global.has("help")
      else {
        Output.write(CommandHelp.overview(program: name))
        Processes.exit(0)
      }
      let rest = global.rest.dropFirst()
      let asksHelp = word == "help" || rest.first == "-h" || rest.first == "--help"
      let commandName = word == "help" ? rest.first ?? "" : word
      guard let action = Commands.action(of: commandName) else {
        throw RuntimeError(.invalid, "No help topic for '\(commandName)'")
      }
      if asksHelp {
        let help = Commands.all.first { $0.name == commandName }
        Output.write(help?.text(program: name) ?? "")
        Processes.exit(0)
      }
      // So that it is not taken for the exit code of the command.
      if commandName == "exec" { failureCode = 255 }
      if global.has("systemd-cgroup") { try Self.checkSystemd() }
      let call = Call(
        command: commandName, arguments: Array(rest), root: global.value("root") ?? Self.defaultRoot,
        log: log,
        isDebugging: global.has("debug"), usesSystemd: global.has("systemd-cgroup"))
      Processes.exit(try action(call))
    } catch {
      log.fail(error)
      Processes.exit(failureCode)
    }
  }

  private func tellVersion() -> Never {
    var text = "\(name) version \(Self.version)\ncommit: v\(Self.version)\nspec: \(Bundle.version)\n"
    if let library = seccomp_version()?.pointee {
      text += "libseccomp: \(library.major).\(library.minor).\(library.micro)\n"
    }
    Output.write(text)
    Processes.exit(0)
  }

  /// A user's own where he has one.
  private static var defaultRoot: String {
    if Identity.effectiveUser != 0, let own = Environment.value("XDG_RUNTIME_DIR"), !own.isEmpty {
      return "\(own)/skiff-runtime"
    }
    return "/run/skiff-runtime"
  }

  private static func checkSystemd() throws(RuntimeError) {
    guard Files.isDirectory("/run/systemd/system") else {
      throw RuntimeError(
        .invalid,
        "systemd not running on this host, cannot use systemd cgroups manager: leave --systemd-cgroup out")
    }
  }
}
