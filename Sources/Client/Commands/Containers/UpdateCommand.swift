import DockerAPI
import DockerClient
import Flags
import JSON
import TerminalUI

/// `skiff update`
enum UpdateCommand {
  static let entry = CommandEntry("update", "Update configuration of one or more containers") { path in
    let syntax = CommandSyntax(
      path, "[OPTIONS] CONTAINER [CONTAINER...]", summary: "Update configuration of one or more containers",
      words: .atLeast(1),
      flags: ContainerFlags.updatable, aliases: aliases("container update", "update"))
    return Command(syntax) { arguments, session in
      let fields = try fields(arguments)
      guard !fields.isEmpty else {
        throw CommandFailure("you must provide one or more flags when using this command")
      }
      let client = try await session.engine()
      return await forEach(arguments.words) { name in
        let answer = try await client.updateContainer(name, fields: fields)
        for warning in answer.warnings { StandardStream.error.line(warning) }
        return name
      }
    }
  }

  /// Only what was given: everything else stays as it is.
  static func fields(_ arguments: Arguments) throws -> JSONObject {
    var fields: JSONObject = [:]
    let numbers = [
      "blkio-weight": "BlkioWeight", "cpu-period": "CpuPeriod", "cpu-quota": "CpuQuota",
      "cpu-rt-period": "CpuRealtimePeriod",
      "cpu-rt-runtime": "CpuRealtimeRuntime", "cpu-shares": "CpuShares", "pids-limit": "PidsLimit",
    ]
    for (flag, field) in numbers where arguments.isSet(flag) {
      fields[field] = .integer(Int64(arguments.int(flag)))
    }
    let sizes = ["memory": "Memory", "memory-reservation": "MemoryReservation", "memory-swap": "MemorySwap"]
    for (flag, field) in sizes where arguments.isSet(flag) {
      fields[field] = .integer(CommonFlags.size(arguments, flag))
    }
    if let cpus = arguments.given("cpus") { fields["NanoCpus"] = .integer(Decimal.billionths(cpus) ?? 0) }
    if let cpus = arguments.given("cpuset-cpus") { fields["CpusetCpus"] = .string(cpus) }
    if let nodes = arguments.given("cpuset-mems") { fields["CpusetMems"] = .string(nodes) }
    if let restart = arguments.given("restart") {
      let policy = try ContainerRequest.restartPolicy(restart)
      fields["RestartPolicy"] = [
        "Name": .string(policy.name), "MaximumRetryCount": .integer(Int64(policy.maximumRetryCount)),
      ]
    }
    return fields
  }
}

extension ContainerFlags {
  /// Those that a container may be given later.
  static let updatable: [Flag] = {
    let names: Set<String> = [
      "blkio-weight", "cpu-period", "cpu-quota", "cpu-rt-period", "cpu-rt-runtime", "cpu-shares", "cpus",
      "cpuset-cpus", "cpuset-mems",
      "kernel-memory", "memory", "memory-reservation", "memory-swap", "pids-limit",
    ]
    return all.filter { names.contains($0.name) } + [
      .string("restart", "Restart policy to apply when a container exits")
    ]
  }()
}
