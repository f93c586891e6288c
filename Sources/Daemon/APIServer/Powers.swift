import Bundles
import DockerAPI
import OCISpec

/// What a container is asked to have that reaches beyond itself; pure. Whoever has it, has the host.
enum Powers {
  /// The first of them, in the words of the request; nil when there is none.
  static func beyond(_ host: HostConfig) -> String? {
    namespaces(host) ?? rights(host) ?? places(host)
  }

  /// Docker's capabilities of a container that asks for nothing.
  private static let usualCapabilities: Set = [
    "CHOWN", "DAC_OVERRIDE", "FSETID", "FOWNER", "MKNOD", "NET_RAW", "SETGID", "SETUID", "SETFCAP",
    "SETPCAP", "NET_BIND_SERVICE", "SYS_CHROOT", "KILL", "AUDIT_WRITE",
  ]
  private static let usualRuntimes: Set = ["", "skiff-runtime", "runc", "io.containerd.runc.v2"]

  /// What a container that asks for nothing does not see of the kernel, and cannot write; kept in its record.
  private static let usualPaths: (masked: [String], readonly: [String]) = {
    do { return try Bundle.guardedPaths(HostConfig()) } catch {
      preconditionFailure("a container that asks for nothing: \(error)")
    }
  }()

  private static func covers(_ paths: [String]?, _ usual: [String]) -> Bool {
    paths.map { Set($0).isSuperset(of: usual) } ?? true
  }

  private static func namespaces(_ host: HostConfig) -> String? {
    let modes: [(String, String, Set<String>)] = [
      ("PidMode", host.pidMode, ["", "private"]),
      ("IpcMode", host.ipcMode, ["", "private", "none", "shareable"]), ("UTSMode", host.utsMode, [""]),
      ("UsernsMode", host.usernsMode, [""]), ("CgroupnsMode", host.cgroupnsMode, ["", "private"]),
      ("Cgroup", host.cgroup, [""]), ("CgroupParent", host.cgroupParent, [""]),
      ("Isolation", host.isolation, ["", "default"]),
    ]
    for (name, mode, usual) in modes where !usual.contains(mode) {
      // Another container's namespace is for those to judge who know whose it is.
      let joins = name == "PidMode" || name == "IpcMode"
      if !(joins && mode.hasPrefix("container:")) { return "\(name) \(mode)" }
    }
    return host.networkMode == "host" || host.networkMode.hasPrefix("ns:")
      ? "NetworkMode \(host.networkMode)" : nil
  }

  private static func rights(_ host: HostConfig) -> String? {
    if host.privileged { return "Privileged" }
    for name in host.capAdd ?? [] {
      let short = name.uppercased().hasPrefix("CAP_") ? name.dropFirst(4).uppercased() : name.uppercased()
      if !usualCapabilities.contains(short) { return "CapAdd \(name)" }
    }
    for option in host.securityOpt ?? [] where !option.hasPrefix("no-new-privileges") {
      return "SecurityOpt \(option)"
    }
    if !(host.devices ?? []).isEmpty { return "Devices" }
    if !(host.deviceRequests ?? []).isEmpty { return "DeviceRequests" }
    if !(host.deviceCgroupRules ?? []).isEmpty { return "DeviceCgroupRules" }
    if !covers(host.maskedPaths, usualPaths.masked) { return "MaskedPaths" }
    if !covers(host.readonlyPaths, usualPaths.readonly) { return "ReadonlyPaths" }
    if let runtime = host.runtime, !usualRuntimes.contains(runtime) { return "Runtime \(runtime)" }
    if !(host.annotations ?? [:]).isEmpty { return "Annotations" }
    for name in (host.sysctls ?? [:]).keys.sorted() where !isOwn(sysctl: name) { return "Sysctls \(name)" }
    return budget(host)
  }

  /// What takes from the rest of the machine beyond limits.
  private static func budget(_ host: HostConfig) -> String? {
    if host.oomKillDisable == true { return "OomKillDisable" }
    if host.oomScoreAdj < 0 { return "OomScoreAdj \(host.oomScoreAdj)" }
    if host.cpuRealtimePeriod != 0 || host.cpuRealtimeRuntime != 0 { return "CpuRealtimeRuntime" }
    return nil
  }

  /// Those of the container's own namespaces, without a way out of their directory.
  private static func isOwn(sysctl name: String) -> Bool {
    let letters = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        true
      default: false
      }
    }
    guard letters, !name.contains("..") else { return false }
    return NamespacedSysctls.isOfNetwork(name) || NamespacedSysctls.isOfIPC(name)
  }

  private static func places(_ host: HostConfig) -> String? {
    for bind in host.binds ?? [] where volumeName(bind: bind) == nil { return "Binds \(bind)" }
    if !["", "local"].contains(host.volumeDriver) { return "VolumeDriver \(host.volumeDriver)" }
    for mount in host.mounts ?? [] {
      if let reason = reason(mount) { return reason }
    }
    for options in (host.tmpfs ?? [:]).values where !isOwn(tmpfs: options) { return "Tmpfs \(options)" }
    return nil
  }

  /// Volumes by name and tmpfs; a driver's options could name any device, a subpath could be a link to anywhere.
  private static func reason(_ mount: Mount) -> String? {
    switch mount.type {
    // Whether the image may be seen is asked elsewhere.
    case "image": return nil
    case "tmpfs": return mount.source?.isEmpty == false ? "Mounts tmpfs with a source" : nil
    case "volume":
      if let source = mount.source, !source.isEmpty, !isName(source) { return "Mounts \(source)" }
      if let driver = mount.volumeOptions?.driverConfig {
        if !(driver.options ?? [:]).isEmpty { return "Mounts DriverConfig" }
        if !["", "local"].contains(driver.name ?? "") { return "Mounts DriverConfig" }
      }
      return mount.volumeOptions?.subpath?.isEmpty == false ? "Mounts Subpath" : nil
    default: return "Mounts of type \(mount.type)"
    }
  }

  /// `name:/place[:options]`: the volume's name; nil for what names a place on the host, or is not clear.
  static func volumeName(bind: String) -> String? {
    let parts = bind.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
    guard (2...3).contains(parts.count), isName(parts[0]), parts[1].hasPrefix("/") else { return nil }
    return parts[0]
  }

  private static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, text.utf8.count > 1 else { return false }
    func isWord(_ byte: UInt8) -> Bool {
      (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
    }
    return isWord(first) && text.utf8.allSatisfy { isWord($0) || [0x2d, 0x2e, 0x5f].contains($0) }
  }

  private static func isOwn(tmpfs options: String) -> Bool {
    let words: Set = [
      "", "ro", "rw", "exec", "noexec", "suid", "nosuid", "dev", "nodev", "sync", "async", "atime", "noatime",
      "relatime", "nodiratime",
    ]
    let keys: Set = ["size", "mode", "uid", "gid", "nr_inodes", "nr_blocks"]
    return options.split(separator: ",").allSatisfy { option in
      words.contains(String(option))
        || option.firstIndex(of: "=").map { keys.contains(String(option[..<$0])) } == true
    }
  }
}
