import DockerAPI
import EngineErrors
import Linux

/// ps(1) of the host with somebody's options, reduced to the processes of a container.
enum HostProcessListing {
  static func read(_ options: [String], _ pids: [Int32]) throws(EngineError) -> ContainerTop {
    // `pid=NAME` would head the column by which the lines are chosen with another name.
    if let renamed = options.first(where: { $0.contains("=") && $0.uppercased().contains("PID") }) {
      throw EngineError(.invalidArgument, "specifying \"\(renamed)\" is not allowed")
    }
    let text = try output(of: options)
    var lines = text.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
    guard let titles = lines.first, let column = titles.firstIndex(of: "PID") else {
      throw EngineError(.internal, "Couldn't find PID field in ps output")
    }
    lines.removeFirst()
    let wanted = Set(pids)
    var top = ContainerTop()
    top.titles = titles
    top.processes = lines.compactMap { fields in
      guard fields.count >= titles.count, Int32(fields[column]).map(wanted.contains) == true else {
        return nil
      }
      let last = fields[(titles.count - 1)...].joined(separator: " ")
      return fields[..<(titles.count - 1)] + [last]
    }
    return top
  }

  private static func output(of options: [String]) throws(EngineError) -> String {
    guard let program = ProgramRun.find("ps", in: "/usr/bin:/bin") else {
      throw EngineError(.internal, "ps: this host has no ps(1): install procps, or leave out the options")
    }
    let ran: ProgramRun
    do throws(SyscallError) {
      ran = try ProgramRun(program, ["ps"] + options, environment: ["PATH=/usr/bin:/bin", "LC_ALL=C"])
    } catch {
      throw EngineError(.internal, "ps: \(error)", cause: error)
    }
    guard ran.status == .exited(0) else {
      let line = String(decoding: ran.errors, as: UTF8.self).split(separator: "\n").first ?? "it failed"
      throw EngineError(.internal, "ps: \(line)")
    }
    return String(decoding: ran.output, as: UTF8.self)
  }
}
