import Linux

/// What the engine tells of the machine it runs on.
struct HostFacts: Sendable {
  var kernelVersion = ""
  var operatingSystem = "Linux"
  var osVersion = ""
  var name = ""
  var processors = 1
  var memory: Int64 = 0
  var architecture: String
  var forwardsIPv4 = false
  var hasUnifiedCgroups = false

  /// As Go names it.
  var goArchitecture: String {
    architecture == "x86_64" ? "amd64" : architecture == "aarch64" ? "arm64" : architecture
  }

  static func read() -> HostFacts {
    #if arch(x86_64)
      var facts = HostFacts(architecture: "x86_64")
    #elseif arch(arm64)
      var facts = HostFacts(architecture: "aarch64")
    #else
      var facts = HostFacts(architecture: "unknown")
    #endif
    facts.kernelVersion = line("/proc/sys/kernel/osrelease")
    facts.name = line("/proc/sys/kernel/hostname")
    facts.forwardsIPv4 = line("/proc/sys/net/ipv4/ip_forward") == "1"
    facts.hasUnifiedCgroups = Files.exist("/sys/fs/cgroup/cgroup.controllers")
    facts.readRelease()
    facts.memory = memoryTotal()
    facts.processors = max(
      1, text("/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("processor") }.count)
    return facts
  }

  private mutating func readRelease() {
    for line in Self.text("/etc/os-release").split(separator: "\n") {
      let parts = line.split(separator: "=", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let value = String(parts[1].filter { $0 != "\"" })
      if parts[0] == "PRETTY_NAME" { operatingSystem = value }
      if parts[0] == "VERSION_ID" { osVersion = value }
    }
  }

  private static func memoryTotal() -> Int64 {
    let line = text("/proc/meminfo").split(separator: "\n").first { $0.hasPrefix("MemTotal:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int64($0) } ?? 0) * 1024
  }

  private static func line(_ path: String) -> String { String(text(path).prefix { $0 != "\n" }) }

  // A fact that cannot be read is left out of the answer.
  private static func text(_ path: String) -> String { (try? Files.text(path)) ?? "" }
}
