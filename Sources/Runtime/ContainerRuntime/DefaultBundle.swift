import OCISpec

extension Bundle {
  /// What `spec` writes: a shell in a terminal, in namespaces of its own; of cgroups only where they are of
  /// version 2.
  public static func example(unifiedCgroups: Bool = true) -> Bundle {
    let kinds: [Namespace.Kind] = [.pid, .network, .ipc, .uts, .mount] + (unifiedCgroups ? [.cgroup] : [])
    let capabilities = ["CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE"]
    let process = Process(
      args: ["sh"], env: ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"],
      terminal: true,
      capabilities: CapabilitySets(bounding: capabilities, effective: capabilities, permitted: capabilities),
      rlimits: [ResourceLimit(type: "RLIMIT_NOFILE", soft: 1024, hard: 1024)], noNewPrivileges: true)
    return Bundle(
      root: Root(path: "rootfs", readonly: true), process: process, hostname: "skiff", mounts: exampleMounts,
      linux: Linux(
        namespaces: kinds.map { Namespace($0) },
        resources: Resources(devices: [DeviceRule(allow: false, access: "rwm")]),
        maskedPaths: [
          "/proc/acpi", "/proc/asound", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
          "/proc/timer_list",
          "/proc/timer_stats", "/proc/sched_debug", "/sys/firmware", "/proc/scsi",
        ],
        readonlyPaths: ["/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"]))
  }

  /// For a user who is root of a user namespace of his own, and of nothing else.
  public mutating func makeRootless(uid: UInt32, gid: UInt32) {
    linux?.namespaces.removeAll { $0.type == .network }
    linux?.namespaces.append(Namespace(.user))
    linux?.uidMappings = [IDMapping(containerID: 0, hostID: uid, size: 1)]
    linux?.gidMappings = [IDMapping(containerID: 0, hostID: gid, size: 1)]
    linux?.resources = nil
    mounts = mounts.compactMap { mount in
      var mount = mount
      mount.options.removeAll { $0.hasPrefix("gid=") || $0.hasPrefix("uid=") }
      if mount.destination == "/sys" {
        mount.type = "none"
        mount.source = "/sys"
        mount.options = ["rbind", "nosuid", "noexec", "nodev", "ro"]
      }
      return mount.type == "cgroup" ? nil : mount
    }
  }

  private static let exampleMounts = [
    Mount("/proc", type: "proc", source: "proc"),
    Mount(
      "/dev", type: "tmpfs", source: "tmpfs", options: ["nosuid", "strictatime", "mode=755", "size=65536k"]),
    Mount(
      "/dev/pts", type: "devpts", source: "devpts",
      options: ["nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620", "gid=5"]),
    Mount(
      "/dev/shm", type: "tmpfs", source: "shm",
      options: ["nosuid", "noexec", "nodev", "mode=1777", "size=65536k"]),
    Mount("/dev/mqueue", type: "mqueue", source: "mqueue", options: ["nosuid", "noexec", "nodev"]),
    Mount("/sys", type: "sysfs", source: "sysfs", options: ["nosuid", "noexec", "nodev", "ro"]),
    Mount(
      "/sys/fs/cgroup", type: "cgroup", source: "cgroup",
      options: ["nosuid", "noexec", "nodev", "relatime", "ro"]),
  ]
}
