import ContainerRuntime
import JSON
import Linux

/// `ps`: those lines of ps(1) that are about processes of a container.
enum ProcessesCommand {
  static let run = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: ["format"], switches: [], short: ["f": "format"], command: "ps",
      stopsEarly: true)
    guard let id = flags.rest.first else {
      throw RuntimeError(.invalid, "\"ps\" requires the container's ID")
    }
    let format = flags.value("format") ?? "table"
    guard format == "json" || format == "table" else {
      throw RuntimeError(.invalid, "invalid format option: \(format)")
    }
    let found = try Container.load(id, stateRoot: call.root).processes().sorted()
    if format == "json" {
      Output.write(JSON.encode(found) + [UInt8(ascii: "\n")], to: 1)
      return 0
    }
    let options = flags.rest.dropFirst()
    let text = try output(of: options.isEmpty ? ["-ef"] : Array(options))
    guard let lines = filter(text, Set(found)) else {
      throw RuntimeError(.failed, "ps does not print the PID field, which says whose a line is")
    }
    Output.write(lines)
    return 0
  }

  private static func output(of options: [String]) throws(RuntimeError) -> String {
    do throws(SyscallError) {
      guard let program = ProgramRun.find("ps", in: "/usr/bin:/bin") else {
        throw SyscallError(call: "exec", subject: "ps", errno: .noSuchFile)
      }
      let ran = try ProgramRun(
        program, ["ps"] + options, environment: Environment.all(), keepsErrors: false)
      guard ran.status == .exited(0) else {
        throw SyscallError(
          call: "exec", subject: "ps \(options.joined(separator: " "))", errno: .invalidArgument)
      }
      return String(decoding: ran.output, as: UTF8.self)
    } catch {
      throw RuntimeError(.failed, "run ps: \(error)")
    }
  }

  /// The head and the lines of these processes; nil when no column is headed PID.
  static func filter(_ text: String, _ pids: Set<Int32>) -> String? {
    let lines = text.split(separator: "\n")
    guard let head = lines.first,
      let column = head.split(separator: " ").firstIndex(of: "PID")
    else { return nil }
    let kept = lines.dropFirst().filter { line in
      let fields = line.split(separator: " ", maxSplits: column + 1)
      return fields.count > column && Int32(fields[column]).map(pids.contains) ?? false
    }
    return ([head] + kept).joined(separator: "\n") + "\n"
  }
}
