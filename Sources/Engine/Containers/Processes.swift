import Cgroups
import DockerAPI
import EngineErrors
import Linux
import Reactor

extension Containers {
  /// The processes of a running container, as `ps` with these options would show them on the host; `-ef` unless said otherwise.
  public func top(_ reference: String, arguments: String) async throws(EngineError) -> ContainerTop {
    let container = try find(reference)
    let words = arguments.split(separator: " ").map(String.init)
    let pids = try await container.processIDs()
    let table = try await blocking { () throws(EngineError) in
      words.isEmpty || words == ["-ef"] ? ProcessTable.read(pids) : try HostProcessListing.read(words, pids)
    }
    await container.publish("top")
    return table
  }
}

extension Container {
  /// The ids on the host of all processes in the container.
  func processIDs() async throws(EngineError) -> [Int32] {
    await comeToItself()
    // It may have ended by now.
    _ = try requireRunning()
    let cgroup = cgroup
    return try await blocking { () throws(EngineError) in
      try failing(.internal, "listing the processes of the container") { try cgroup.processes() }
    }
  }
}

/// What `ps -ef` shows, from /proc (proc(5)).
enum ProcessTable {
  private static let ticksPerSecond: Int64 = 100

  static func read(_ pids: [Int32]) -> ContainerTop {
    var top = ContainerTop()
    top.titles = ["UID", "PID", "PPID", "C", "STIME", "TTY", "TIME", "CMD"]
    // A process that has ended since is left out.
    let users = UserNames(passwd: (try? Files.text("/etc/passwd")) ?? "")
    top.processes = pids.sorted().compactMap { line($0, users) }
    return top
  }

  private static func line(_ pid: Int32, _ users: UserNames) -> [String]? {
    // A process that has ended since is left out.
    guard let stat = try? Files.text("/proc/\(pid)/stat"),
      let status = try? Files.text("/proc/\(pid)/status"),
      let close = stat.lastIndex(of: ")"), let open = stat.firstIndex(of: "(")
    else { return nil }
    let fields = stat[stat.index(after: close)...].split(separator: " ")
    guard fields.count > 19, let user = Int64(fields[11]), let system = Int64(fields[12]),
      let start = Int64(fields[19])
    else { return nil }
    let uid = status.split(separator: "\n").first { $0.hasPrefix("Uid:") }?.split(separator: "\t").dropFirst()
      .first
    let words =
      (try? Files.read("/proc/\(pid)/cmdline"))?.split(separator: 0).map {
        String(decoding: $0, as: UTF8.self)
      } ?? []
    let command = words.isEmpty ? "[\(stat[stat.index(after: open)..<close])]" : words.joined(separator: " ")
    let seconds = (user + system) / ticksPerSecond
    return [
      users.name(uid.map(String.init) ?? "0"), String(pid), String(fields[1]), "0", startTime(start),
      terminal(Int64(fields[4]) ?? 0), clock(seconds), command,
    ]
  }

  private static func startTime(_ ticks: Int64) -> String {
    let started = bootTime() + ticks / ticksPerSecond
    let day = started % 86400
    return pad(day / 3600) + ":" + pad(day % 3600 / 60)
  }

  /// Seconds since 1970.
  private static func bootTime() -> Int64 {
    // Without /proc/stat the time of day is wrong, nothing else.
    let lines = (try? Files.text("/proc/stat"))?.split(separator: "\n") ?? []
    return lines.first { $0.hasPrefix("btime ") }?.split(separator: " ").last.flatMap { Int64($0) } ?? 0
  }

  private static func terminal(_ device: Int64) -> String {
    let major = device >> 8 & 0xfff
    return major == 136 ? "pts/\(device & 0xff)" : "?"
  }

  private static func clock(_ seconds: Int64) -> String {
    "\(pad(seconds / 3600)):\(pad(seconds % 3600 / 60)):\(pad(seconds % 60))"
  }

  private static func pad(_ number: Int64) -> String { number < 10 ? "0\(number)" : String(number) }
}

/// The host's names of user ids.
struct UserNames {
  private var names: [String: String] = [:]

  init(passwd: String) {
    for line in passwd.split(separator: "\n") {
      let fields = line.split(separator: ":", omittingEmptySubsequences: false)
      if fields.count > 2 { names[String(fields[2])] = String(fields[0]) }
    }
  }

  func name(_ uid: String) -> String { names[uid] ?? uid }
}
