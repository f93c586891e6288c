import Bundles
import Cgroups
import DockerAPI
import EngineErrors
import JSON
import Linux
import OCISpec
import Reactor
import ShimProtocol

extension Container {
  /// The cgroup below each hierarchy's mount.
  var cgroupsPath: String {
    let parent = record.hostConfig.cgroupParent
    return parent.isEmpty
      ? "\(services.settings.cgroupParent)/\(id)" : lexicallyClean("/" + parent) + "/\(id)"
  }

  var cgroup: Cgroup { Cgroup(cgroupsPath, in: services.settings.cgroups) }

  func makeBundle(_ surroundings: Surroundings, _ user: ResolvedUser) async throws(EngineError) -> Bundle {
    for mount in record.mounts { try await mount.requireWithinVolume() }
    let host = limitedHostConfig
    var config = record.config
    let told = surroundings.linked.flatMap { $0.other.variables(alias: $0.alias, of: record.name) }
    config.env = mergeEnvironment(told, config.env ?? [])
    var name = hostname
    if let other = surroundings.sharedWith { name = await registry.hostname(of: other) }
    var request = BundleRequest(
      id: id, config: config, host: host, user: user, hostname: name, mounts: places(surroundings),
      network: surroundings.namespace == .host ? .host : surroundings.namespacePath.map { .path($0) } ?? .own,
      cgroupsPath: cgroupsPath, availableCapabilities: HostCapabilities.available)
    if host.initProcess == true { request.initProgram = services.settings.initProgram }
    request.ipc = try await sharing(host.ipcMode, "ipc")
    request.pid = try await sharing(host.pidMode, "pid")
    try addDevices(&request)
    request.blockIO = try BlockLimits.resolve(host)
    return try Bundle(for: request)
  }

  func writeBundle(_ bundle: Bundle) async throws(EngineError) {
    let directory = directory
    try await blocking { () throws(EngineError) in
      try failing(.internal, "writing the container's bundle") {
        try Files.makeDirectories("\(directory)/rootfs")
        try Files.replace("\(directory)/config.json", JSON.encode(bundle), mode: 0o600, durable: false)
      }
    }
  }

  private func sharing(_ mode: String, _ kind: String) async throws(EngineError) -> BundleRequest.Sharing {
    if mode == "host" { return .host }
    guard mode.hasPrefix("container:") else { return .own }
    let other = String(mode.dropFirst("container:".count))
    if kind == "ipc", let theirs = await registry.ipcMode(of: other),
      ["", "none", "private"].contains(theirs)
    {
      throw EngineError(
        .conflict,
        "can't join IPC of container \(other): non-shareable IPC (hint: use IpcMode:shareable for the donor container)"
      )
    }
    guard let pid = await registry.process(of: other), pid > 0 else {
      throw EngineError(
        .conflict,
        "cannot join \(kind) namespace of a non running container: container \(other) is not running")
    }
    return .path("/proc/\(pid)/ns/\(kind)")
  }

  /// Everything that is mounted, the files that the engine writes included.
  private func places(_ surroundings: Surroundings) -> [BundleRequest.Place] {
    let source = surroundings.sharedWith.map(services.settings.directory(of:)) ?? directory
    var places = record.mounts.map(\.place)
    let taken = Set(places.map(\.destination))
    for name in ["hostname", "hosts", "resolv.conf"] where !taken.contains("/etc/\(name)") {
      places.append(
        BundleRequest.Place(
          .bind, source: "\(source)/\(name)", destination: "/etc/\(name)", options: ["rbind", "rprivate"]))
    }
    return places
  }

  private func addDevices(_ request: inout BundleRequest) throws(EngineError) {
    if record.hostConfig.privileged {
      request.devices = HostDevices.all()
      return
    }
    for mapping in record.hostConfig.devices ?? [] {
      let found = try HostDevices.devices(mapping)
      request.devices += found.map(\.device)
      request.deviceRules += found.map(\.rule)
    }
    for text in record.hostConfig.deviceCgroupRules ?? [] {
      request.deviceRules.append(try HostDevices.rule(text))
    }
  }
}

extension MountRecord {
  var place: BundleRequest.Place {
    guard kind != .tmpfs else {
      return BundleRequest.Place(.tmpfs, destination: destination, options: options)
    }
    var options = [nonRecursive ? "bind" : "rbind"]
    if readOnly { options.append(readOnlyAllBelow == true ? "rro" : "ro") }
    options.append(propagation.isEmpty ? "rprivate" : propagation)
    return BundleRequest.Place(.bind, source: source, destination: destination, options: options)
  }
}
