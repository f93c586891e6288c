import ContainerRuntime
import Cgroups
import JSON
import Linux
import OCISpec

/// `events`: what a container uses, again and again, and that the kernel killed for want of memory.
enum EventsCommand {
  static let run = { @Sendable (call: Call) throws(RuntimeError) -> Int32 in
    let flags = try ArgumentReader(
      call.arguments, values: ["interval"], switches: ["stats"], command: "events")
    let container = try Container.load(try flags.onlyArgument("events"), stateRoot: call.root)
    guard let interval = Self.nanoseconds(flags.value("interval") ?? "5s"), interval > 0 else {
      throw RuntimeError(.invalid, "duration interval must be greater than 0")
    }
    guard container.status() != .stopped else {
      throw RuntimeError(.wrongState, "container with id \(container.id) is not running")
    }
    if flags.has("stats") {
      print(Event("stats", container, data: UsageDocument(container.cgroup.measure())))
      return 0
    }
    do throws(SyscallError) { try watch(container, every: interval) } catch {
      throw RuntimeError(.failed, "watch the container: \(error)")
    }
    return 0
  }

  private struct Event: Encodable {
    let type: String
    let id: String
    let data: UsageDocument?
    init(_ type: String, _ container: Container, data: UsageDocument? = nil) {
      self.type = type
      id = container.id
      self.data = data
    }
  }

  private enum Source { static let timer: UInt64 = 1, memory: UInt64 = 2, process: UInt64 = 3 }

  /// Until the container ends.
  private static func watch(_ container: Container, every interval: Int64) throws(SyscallError) {
    let epoll = try Epoll()
    let timer = try TimerDescriptor()
    try timer.set(nanoseconds: interval, every: interval)
    try epoll.add(timer.descriptor.rawValue, .readable, token: Source.timer)
    let process = try ProcessHandle(pid: container.pid)
    try epoll.add(process.descriptor.rawValue, .readable, token: Source.process)
    let notice = try OutOfMemoryNotice.of(container.cgroup)
    let number = Self.number(notice)
    if number >= 0 { try epoll.add(number, .readable, token: Source.memory) }
    var kills = container.cgroup.outOfMemoryKills()
    while true {
      for event in try epoll.wait() {
        if event.token == Source.timer {
          _ = try timer.expirations()
          print(Event("stats", container, data: UsageDocument(container.cgroup.measure())))
        }
        if event.token == Source.memory {
          _ = try FileDescriptor.borrowing(number) { (file) throws(SyscallError) in try file.read(upTo: 4096)
          }
        }
        let now = container.cgroup.outOfMemoryKills()
        if now > kills { print(Event("oom", container)) }
        kills = max(now, kills)
        if event.token == Source.process { return }
      }
    }
  }

  /// -1 for none. The notice itself stays open as long as its owner lives.
  private static func number(_ notice: borrowing OutOfMemoryNotice?) -> Int32 {
    switch notice {
    case .some(let notice): notice.descriptor.rawValue
    case .none: -1
    }
  }

  private static func print(_ event: Event) { Output.write(JSON.encode(event) + [UInt8(ascii: "\n")], to: 1) }

  /// `5s`, `100ms`, `1m30s`; nil for what is none.
  static func nanoseconds(_ text: String) -> Int64? {
    let units: [String: Double] = ["ns": 1, "us": 1e3, "ms": 1e6, "s": 1e9, "m": 60e9, "h": 3600e9]
    var rest = Substring(text)
    var sum = 0.0
    while !rest.isEmpty {
      let number = rest.prefix { $0.isNumber || $0 == "." }
      rest = rest.dropFirst(number.count)
      let unit = rest.prefix { $0.isLetter }
      rest = rest.dropFirst(unit.count)
      guard let amount = Double(number), let factor = units[String(unit)] else { return nil }
      sum += amount * factor
    }
    return text.isEmpty || sum > 1e18 ? nil : Int64(sum)
  }
}
