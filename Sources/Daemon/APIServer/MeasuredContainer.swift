import DockerAPI
import TextFormats

/// One container at one moment, as Prometheus is told of it.
struct MeasuredContainer: Sendable {
  let inspect: ContainerInspect
  let stats: ContainerStats

  private var labels: MetricsText.Labels {
    let own = inspect.config.labels ?? [:]
    return [
      ("name", String(inspect.name.dropFirst())), ("id", inspect.id), ("image", inspect.config.image),
      ("compose_project", own["com.docker.compose.project"] ?? ""),
      ("compose_service", own["com.docker.compose.service"] ?? ""),
    ]
  }

  func tell(_ text: inout MetricsText) {
    let labels = labels
    func add(_ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: Double) {
      text.add("skiff_container_\(name)", kind, help, labels, value)
    }
    let state = inspect.state
    text.add(
      "skiff_container_state", .gauge, "The state that the container is in",
      labels + [("state", state.status)], 1)
    add("restarts_total", .counter, "How often its policy has restarted it", Double(inspect.restartCount))
    if let health = state.health {
      add(
        "healthy", .gauge, "1 where its health check passes; absent without one",
        health.status == "healthy" ? 1 : 0)
      add(
        "health_failing_streak", .gauge, "Probes that have failed one after another",
        Double(health.failingStreak))
    }
    if state.status == "exited" {
      add("exit_code", .gauge, "The exit code it ended with", Double(state.exitCode))
    }
    guard state.running else { return }
    // A moment that cannot be read is not told.
    if let started = Timestamp(rfc3339: state.startedAt) {
      add(
        "start_time_seconds", .gauge, "When it was started, since 1970",
        Double(started.nanoseconds / 1_000_000) / 1000)
    }
    tellUsage(add)
    tellTraffic(&text, labels)
  }

  private func tellUsage(_ add: (String, MetricsText.Kind, String, Double) -> Void) {
    let cpu = stats.cpuStats
    add("cpu_seconds_total", .counter, "Time on processors", Double(cpu.cpuUsage.totalUsage) / 1e9)
    add(
      "cpu_throttled_seconds_total", .counter, "Time that its limit has kept it from processors",
      Double(cpu.throttlingData.throttledTime) / 1e9)
    let memory = stats.memoryStats
    add("memory_usage_bytes", .gauge, "Memory in use, the cache of files included", Double(memory.usage ?? 0))
    add(
      "memory_limit_bytes", .gauge, "The most memory it may use; the host's without a limit",
      Double(memory.limit ?? 0))
    add("memory_peak_bytes", .gauge, "The most memory it has used", Double(memory.maxUsage ?? 0))
    add(
      "memory_limit_hits_total", .counter, "How often it has met its limit of memory",
      Double(memory.failcnt ?? 0))
    add("pids", .gauge, "Processes and threads", Double(stats.pidsStats.current))
    for (operation, name) in [("read", "block_read_bytes_total"), ("write", "block_write_bytes_total")] {
      let entries = stats.blkioStats.ioServiceBytesRecursive ?? []
      let bytes = entries.filter { $0.op.lowercased() == operation }.reduce(0.0) { $0 + Double($1.value) }
      add(name, .counter, "Bytes from and to disks", bytes)
    }
  }

  private func tellTraffic(_ text: inout MetricsText, _ labels: MetricsText.Labels) {
    for (interface, counts) in (stats.networks ?? [:]).sorted(by: { $0.key < $1.key }) {
      let labels = labels + [("interface", interface)]
      for (name, value) in [
        ("receive_bytes", counts.rxBytes), ("receive_packets", counts.rxPackets),
        ("receive_errors", counts.rxErrors), ("receive_dropped", counts.rxDropped),
        ("transmit_bytes", counts.txBytes), ("transmit_packets", counts.txPackets),
        ("transmit_errors", counts.txErrors), ("transmit_dropped", counts.txDropped),
      ] {
        text.add(
          "skiff_container_network_\(name)_total", .counter, "Traffic of its interfaces", labels,
          Double(value))
      }
    }
  }
}
