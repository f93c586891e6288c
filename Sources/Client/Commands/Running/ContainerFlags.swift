import DockerAPI
import Flags
import OCISpec
import TextFormats

/// The flags that `run` and `create` share.
enum ContainerFlags {
  static let all: [Flag] = general + storage + network + limits + health + security

  private static let general: [Flag] = [
    .list("attach|a", "Attach to STDIN, STDOUT or STDERR", check: complaintAboutStream),
    .list("annotation", "Add an annotation for the OCI runtime (default map[])", typeName: "map"),
    .string("cidfile", "Write the container ID to the file"),
    CommonFlags.contentTrust,
    .string("domainname", "Container NIS domain name"),
    .string("entrypoint", "Overwrite the default ENTRYPOINT of the image"),
    .list("env|e", "Set environment variables", check: complaintAboutVariable),
    .list("env-file", "Read in a file of environment variables"),
    .string("hostname|h", "Container host name"),
    .bool("init", "Run an init inside the container that forwards signals and reaps processes"),
    .bool("interactive|i", "Keep STDIN open even if not attached"),
    .string("isolation", "Container isolation technology"),
    .list("label|l", "Set meta data on a container", check: CommonFlags.complaintAboutLabel),
    .list("label-file", "Read in a line delimited file of labels"),
    .string("log-driver", "Logging driver for the container"),
    .list("log-opt", "Log driver options"),
    .string("name", "Assign a name to the container"),
    CommonFlags.platform,
    .string("pull", "Pull image before running (\"always\", \"missing\", \"never\")", default: "missing"),
    .bool("quiet|q", "Suppress the pull output"),
    .string("restart", "Restart policy to apply when a container exits", default: "no"),
    .bool("rm", "Remove the container and its anonymous volumes when it exits"),
    .string("runtime", "Runtime to use for this container"),
    .string("stop-signal", "Signal to stop the container"),
    .int("stop-timeout", "Seconds to wait before killing the container"),
    .bool("tty|t", "Allocate a pseudo-TTY"),
    .string("user|u", "Username or UID (format: <name|uid>[:<group|gid>])"),
    .string("workdir|w", "Working directory inside the container"),
  ]

  private static let storage: [Flag] = [
    .bool("read-only", "Mount the container's root filesystem as read only"),
    .list("storage-opt", "Storage driver options for the container"),
    .list(
      "mount", "Attach a filesystem mount to the container", typeName: "mount", check: MountFlag.complaint),
    .list("tmpfs", "Mount a tmpfs directory"),
    .list("volume|v", "Bind mount a volume"),
    .string("volume-driver", "Volume driver for the container"),
    .list("volumes-from", "Mount volumes from the specified container(s)"),
  ]

  private static let network: [Flag] = [
    .list("add-host", "Add a custom host-to-IP mapping (host:ip)", check: complaintAboutHost),
    .list("dns", "Set custom DNS servers", check: complaintAboutAddress),
    .list("dns-opt", "Set DNS options").hidden,
    .list("dns-option", "Set DNS options"),
    .list("dns-search", "Set custom DNS search domains", check: complaintAboutDomain),
    .list("expose", "Expose a port or a range of ports"),
    .string("ip", "IPv4 address (e.g., 172.30.100.104)"),
    .string("ip6", "IPv6 address (e.g., 2001:db8::33)"),
    .list("link", "Add link to another container"),
    .list("link-local-ip", "Container IPv4/IPv6 link-local addresses"),
    .string("mac-address", "Container MAC address (e.g., 92:d0:c6:0a:29:33)"),
    .list(
      "network", "Connect a container to a network", typeName: "network", check: NetworkFlags.complaint),
    .list("net", "Connect a container to a network", typeName: "network", check: NetworkFlags.complaint)
      .hidden,
    .list("network-alias", "Add network-scoped alias for the container"),
    .list("net-alias", "Add network-scoped alias for the container").hidden,
    .list("publish|p", "Publish a container's port(s) to the host"),
    .bool("publish-all|P", "Publish all exposed ports to random ports"),
  ]

  private static let limits: [Flag] = [
    .int(
      "blkio-weight", "Block IO (relative weight), between 10 and 1000, or 0 to disable", typeName: "uint16"),
    .list(
      "blkio-weight-device", "Block IO weight (relative device weight) (default [])",
      check: CommonFlags.complaint(DeviceFlags.weight)),
    .string("cgroup-parent", "Optional parent cgroup for the container"),
    .int("cpu-count", "CPU count (Windows only)").hidden,
    .int("cpu-percent", "CPU percent (Windows only)").hidden,
    CommonFlags.bytes("io-maxbandwidth", "Maximum IO bandwidth limit for the system drive (Windows only)")
      .hidden,
    .int("io-maxiops", "Maximum IOps limit for the system drive (Windows only)", typeName: "uint").hidden,
    .int("cpu-period", "Limit CPU CFS (Completely Fair Scheduler) period"),
    .int("cpu-quota", "Limit CPU CFS (Completely Fair Scheduler) quota"),
    .int("cpu-rt-period", "Limit CPU real-time period in microseconds"),
    .int("cpu-rt-runtime", "Limit CPU real-time runtime in microseconds"),
    .int("cpu-shares|c", "CPU shares (relative weight)"),
    .string("cpus", "Number of CPUs", typeName: "decimal", check: Decimal.complaint),
    .string("cpuset-cpus", "CPUs in which to allow execution (0-3, 0,1)"),
    .string("cpuset-mems", "MEMs in which to allow execution (0-3, 0,1)"),
    .list("device", "Add a host device to the container"),
    .list(
      "device-cgroup-rule", "Add a rule to the cgroup allowed devices list",
      check: DeviceFlags.complaintAboutRule),
    rate("device-read-bps", "read rate (bytes per second) from", DeviceFlags.bytes),
    rate("device-read-iops", "read rate (IO per second) from", DeviceFlags.operations),
    rate("device-write-bps", "write rate (bytes per second) to", DeviceFlags.bytes),
    rate("device-write-iops", "write rate (IO per second) to", DeviceFlags.operations),
    .list(
      "gpus", "GPU devices to add to the container ('all' to pass all GPUs)", typeName: "gpu-request",
      check: CommonFlags.complaint(DeviceFlags.gpus)),
    CommonFlags.bytes("kernel-memory", "Kernel memory limit").hidden,
    CommonFlags.bytes("memory|m", "Memory limit"),
    CommonFlags.bytes("memory-reservation", "Memory soft limit"),
    CommonFlags.bytesOrUnlimited(
      "memory-swap", "Swap limit equal to memory plus swap: '-1' to enable unlimited swap"),
    .int("memory-swappiness", "Tune container memory swappiness (0 to 100)", default: -1),
    .bool("oom-kill-disable", "Disable OOM Killer"),
    .int("oom-score-adj", "Tune host's OOM preferences (-1000 to 1000)"),
    .int("pids-limit", "Tune container pids limit (set -1 for unlimited)"),
    CommonFlags.bytes("shm-size", "Size of /dev/shm"),
    .list("sysctl", "Sysctl options (default map[])", typeName: "map", check: complaintAboutSysctl),
    .list(
      "ulimit", "Ulimit options (default [])", typeName: "ulimit", check: CommonFlags.complaintAboutUlimit),
  ]

  /// A flag that limits how fast a device is used.
  private static func rate(
    _ name: String, _ what: String, _ read: @escaping @Sendable (String) throws -> ThrottleDevice
  ) -> Flag {
    .list(name, "Limit \(what) a device (default [])", check: CommonFlags.complaint(read))
  }

  private static let health: [Flag] = [
    .string("health-cmd", "Command to run to check health, or what to probe: http://localhost:8000/health"),
    .string(
      "health-on-failure",
      "What to do with an unhealthy container (\"none\", \"restart\", \"kill\", \"stop\")"),
    CommonFlags.duration("health-interval", "Time between running the check (ms|s|m|h)"),
    .int("health-retries", "Consecutive failures needed to report unhealthy"),
    CommonFlags.duration(
      "health-start-interval", "Time between running the check during the start period (ms|s|m|h)"),
    CommonFlags.duration(
      "health-start-period", "Start period for the container to initialize before retries count (ms|s|m|h)"),
    CommonFlags.duration("health-timeout", "Maximum time to allow one check to run (ms|s|m|h)"),
    .bool("no-healthcheck", "Disable any container-specified HEALTHCHECK"),
  ]

  private static let security: [Flag] = [
    .list("cap-add", "Add Linux capabilities"),
    .list("cap-drop", "Drop Linux capabilities"),
    .string("cgroupns", "Cgroup namespace to use (host|private)"),
    .list("group-add", "Add additional groups to join"),
    .string("ipc", "IPC mode to use"),
    .string("pid", "PID namespace to use"),
    .bool("privileged", "Give extended privileges to this container"),
    .list("security-opt", "Security Options"),
    .bool("use-api-socket", "Bind mount the engine's API socket").hidden,
    .string("userns", "User namespace to use"),
    .string("uts", "UTS namespace to use"),
  ]

  private static let complaintAboutStream: @Sendable (String) -> String? = { text in
    ["stdin", "stdout", "stderr"].contains(text.lowercased())
      ? nil : "valid streams are STDIN, STDOUT and STDERR"
  }

  static let complaintAboutVariable: @Sendable (String) -> String? = { text in
    text.isEmpty || text.hasPrefix("=") ? "invalid environment variable: \(text)" : nil
  }

  static let complaintAboutHost: @Sendable (String) -> String? = { text in
    guard let sign = text.firstIndex(where: { $0 == "=" || $0 == ":" }), sign != text.startIndex else {
      return "bad format for add-host: \"\(text)\""
    }
    let address = text[text.index(after: sign)...]
    if address == "host-gateway" || Addresses.isAddress(address) { return nil }
    return "invalid IP address in add-host: \"\(address)\""
  }

  /// Only what belongs to a namespace may be set for a container.
  private static let complaintAboutSysctl: @Sendable (String) -> String? = { text in
    let name = String(text.prefix { $0 != "=" })
    let isOwn = NamespacedSysctls.isOfNetwork(name) || NamespacedSysctls.isOfIPC(name)
    return text.contains("=") && isOwn ? nil : "sysctl '\(text)' is not allowed"
  }

  /// Letters, digits and hyphens between dots, or a dot for none.
  private static let complaintAboutDomain: @Sendable (String) -> String? = { text in
    let name = text.hasSuffix(".") ? text.dropLast() : text[...]
    let isDomain =
      text == "."
      || !name.isEmpty && name.utf8.count < 255
        && name.split(separator: ".", omittingEmptySubsequences: false).allSatisfy { label in
          !label.isEmpty && label.utf8.count < 64
            && label.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
        }
    return isDomain ? nil : "\(text) is not a valid domain"
  }

  private static let complaintAboutAddress: @Sendable (String) -> String? = { text in
    Addresses.isAddress(text[...]) ? nil : "IP address is not correctly formatted: \(text)"
  }
}

/// Just enough about IP addresses to refuse what is none.
enum Addresses {
  static func isAddress(_ text: Substring) -> Bool { isIPv4(text) || isIPv6(text) }

  static func isIPv4(_ text: Substring) -> Bool {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    return parts.count == 4 && parts.allSatisfy { UInt8($0) != nil && ($0.count == 1 || $0.first != "0") }
  }

  /// Six pairs of hexadecimal digits, between colons or dashes.
  static func isMAC(_ text: String) -> Bool {
    let pairs = text.split(omittingEmptySubsequences: false) { $0 == ":" || $0 == "-" }
    return pairs.count == 6 && pairs.allSatisfy { $0.count == 2 && $0.allSatisfy(\.isHexDigit) }
  }

  static func isIPv6(_ text: Substring) -> Bool {
    var text = text
    if text.hasPrefix("["), text.hasSuffix("]") { text = text.dropFirst().dropLast() }
    let bare = text.prefix { $0 != "%" }
    let groups = bare.split(separator: ":", omittingEmptySubsequences: false)
    // Eight groups, of which one run of zeros may be left out: `::`.
    guard bare.contains("::") ? groups.count <= 9 : groups.count == (bare.contains(".") ? 7 : 8) else {
      return false
    }
    return bare.contains(":") && bare.allSatisfy { $0.isHexDigit || $0 == ":" || $0 == "." }
      && bare.split(separator: ":").allSatisfy { $0.count <= 4 || isIPv4($0) }
  }
}
