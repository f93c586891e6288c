import Builder
import Bundles
import Containers
import DockerAPI
import EngineErrors
import JSON
import Linux
import Networks
import OCISpec
import Reactor
import ShimProtocol
import Supervision

/// Runs the processes of builds as containers that nobody lists.
struct BuildSteps: StepRunner {
  let supervisor: Supervisor
  let networks: Networks
  let settings: EngineSettings
  let memory: MemoryDirectory

  func run(_ step: RunStep) async throws -> Int32 {
    let name = "\(Self.prefix)\(step.id)"
    // The bundle's document holds the variables.
    let bundle = try step.secretVariables.isEmpty ? "\(settings.dataRoot)/tmp/\(name)" : memory.path(name)
    do {
      let code = try await run(step, bundle)
      try await clear(step, bundle)
      return code
    } catch {
      try await clear(step, bundle)
      throw error
    }
  }

  private func clear(_ step: RunStep, _ bundle: String) async throws {
    await networks.closeSandbox(step.id)
    try await blocking { () throws(SyscallError) in try Files.removeTree(bundle) }
  }

  private func run(_ step: RunStep, _ bundle: String) async throws -> Int32 {
    let surroundings = try await surround(step)
    let document = try Bundle(for: try request(step, surroundings, bundle))
    let (hosts, resolver) = files(step, surroundings)
    try await blocking { () throws(SyscallError) in
      try Files.makeDirectories("\(bundle)/rootfs")
      try Files.write("\(bundle)/config.json", JSON.encode(document), mode: 0o600)
      try Files.write("\(bundle)/hosts", hosts.utf8)
      try Files.write("\(bundle)/resolv.conf", resolver.utf8)
    }
    return try await follow(step, try await supervisor.launch(spec(step, surroundings, bundle)))
  }

  private func follow(_ step: RunStep, _ shim: Shim) async throws -> Int32 {
    let session: Session
    do {
      session = try await shim.attach(stdin: false, stdout: true, stderr: true)
      _ = try await shim.start()
    } catch {
      // A shim that could not start its container ends by itself; this covers one that still waits, or that has started
      // while the step was cancelled. The step's task could then ask for nothing any more.
      await Task {
        do throws(EngineError) {
          try await shim.discard()
          // Only behind one that has ended may be cleared up. Nobody cancels this task.
          _ = try? await shim.exit()
        } catch { await Self.end(shim) }
      }.value
      throw error
    }
    do {
      while let output = try await session.next() {
        switch output {
        case .stdout(let bytes): await step.output(false, bytes)
        case .stderr(let bytes): await step.output(true, bytes)
        }
      }
      let status = try await shim.exit()
      try Task.checkCancellation()
      return status.code
    } catch {
      await Self.end(shim)
      throw error
    }
  }

  /// Kills the container and waits until it is gone, in a task of its own: the step's may be cancelled.
  private static func end(_ shim: Shim) async {
    await Task {
      // One that has ended already cannot be killed, and need not be.
      try? await shim.kill(signal: Signal.kill.rawValue, all: true, final: true)
      // Nobody cancels this task.
      _ = try? await shim.exit()
    }.value
  }

  /// Ends the steps that a daemon left running when it was killed: nobody waits for them any more.
  func sweep() async throws(EngineError) {
    for directory in ["\(settings.dataRoot)/tmp", memory.path].compactMap(\.self) {
      try await sweep(directory)
    }
    try await blocking { () throws(EngineError) in try memory.clear() }
  }

  private func sweep(_ directory: String) async throws(EngineError) {
    let names = try await blocking { () throws(EngineError) in
      try failing(.internal, "looking for build steps") {
        try Files.names(in: directory).filter { $0.hasPrefix(Self.prefix) }
      }
    }
    for name in names {
      let bundle = "\(directory)/\(name)"
      let id = String(name.dropFirst(Self.prefix.count))
      if case .running(let shim) = await supervisor.find(id, exitFile: "\(bundle)/exit.json") {
        await Self.end(shim)
      }
      await networks.closeSandbox(id)
      try await blocking { () throws(EngineError) in
        try failing(.internal, "removing build step \(id)") { try Files.removeTree(bundle) }
      }
    }
  }

  private static let prefix = "step-"

  // MARK: network

  private struct Surroundings {
    var namespace: BundleRequest.Sharing
    var path: String?
    var dnsFile: String?
    var addresses: [String] = []
    var gateway: String?
  }

  private func surround(_ step: RunStep) async throws(EngineError) -> Surroundings {
    if step.networkMode == "host" { return Surroundings(namespace: .host) }
    let path = try await networks.openSandbox(step.id)
    var surroundings = Surroundings(namespace: .path(path), path: path)
    guard step.networkMode != "none" else { return surroundings }
    let network = step.networkMode.isEmpty || step.networkMode == "default" ? "bridge" : step.networkMode
    let endpoint = try await networks.connect(
      step.id, name: String(step.id.prefix(12)), to: network, EndpointSettings())
    surroundings.addresses = endpoint.assignedAddresses
    surroundings.gateway = endpoint.someGateway
    surroundings.dnsFile = await networks.dnsConfigPath(step.id)
    return surroundings
  }

  private func files(_ step: RunStep, _ surroundings: Surroundings) -> (hosts: String, resolver: String) {
    // What the host does not have cannot be inherited.
    func host(_ path: String) -> String { (try? Files.text(path)) ?? "" }
    var hosts = surroundings.namespace == .host ? HostsFile(ofHost: host("/etc/hosts")) : HostsFile()
    for entry in step.resources.extraHosts { hosts.add(entry, gateway: surroundings.gateway) }
    for address in surroundings.addresses { hosts.add(address: address, names: [String(step.id.prefix(12))]) }
    let own = ResolverFile(nameservers: [], search: [], options: [])
    let inherited = ResolverFile(parsing: host("/etc/resolv.conf"))
    let resolver =
      surroundings.dnsFile == nil
      ? own.inheriting(inherited, withoutLoopback: surroundings.namespace != .host)
      : own.served(by: "127.0.0.11", inheriting: inherited)
    return (hosts.text, resolver.text)
  }

  // MARK: documents

  private func request(
    _ step: RunStep, _ surroundings: Surroundings, _ bundle: String
  ) throws(EngineError) -> BundleRequest {
    var config = ContainerConfig()
    config.cmd = StringList(step.arguments)
    config.env = step.environment + step.secretVariables
    config.workingDir = step.workingDirectory
    let limits = step.resources
    var host = HostConfig()
    host.shmSize = limits.sharedMemory
    host.ulimits = limits.ulimits
    host.memory = limits.memory
    host.memorySwap = limits.memorySwap
    host.cpuShares = limits.cpuShares
    host.cpuQuota = limits.cpuQuota
    host.cpuPeriod = limits.cpuPeriod
    host.cpusetCpus = limits.cpusetCpus
    host.cpusetMems = limits.cpusetMems
    let parent =
      limits.cgroupParent.isEmpty ? settings.cgroupParent : lexicallyClean("/" + limits.cgroupParent)
    let user = try UserLookup.database(in: step.rootFileSystem).resolve(step.user)
    return BundleRequest(
      id: step.id, config: config, host: host, user: user, hostname: String(step.id.prefix(12)),
      mounts: places(step, bundle), network: surroundings.namespace, cgroupsPath: "\(parent)/\(step.id)",
      availableCapabilities: Set(Capabilities.bounding().memberNames))
  }

  private func places(_ step: RunStep, _ bundle: String) -> [BundleRequest.Place] {
    var places = ["hosts", "resolv.conf"].map {
      BundleRequest.Place(
        .bind, source: "\(bundle)/\($0)", destination: "/etc/\($0)", options: ["rbind", "rprivate"])
    }
    for mount in step.mounts {
      switch mount.kind {
      case .bind(let source):
        let options = ["rbind", "rprivate"] + (mount.readOnly ? ["ro"] : [])
        places.append(
          BundleRequest.Place(.bind, source: source, destination: mount.destination, options: options))
      case .layers(let layers):
        let options = ["ro", "lowerdir=\(layers.joined(separator: ":"))"]
        places.append(BundleRequest.Place(.overlay, destination: mount.destination, options: options))
      case .memory(let size):
        let options = size.map { ["size=\($0)"] } ?? []
        places.append(BundleRequest.Place(.tmpfs, destination: mount.destination, options: options))
      }
    }
    return places
  }

  private func spec(_ step: RunStep, _ surroundings: Surroundings, _ bundle: String) -> ShimSpec {
    ShimSpec(
      id: step.id, bundle: bundle, rootFileSystem: step.rootFileSystem,
      // The runtime writes the document down for itself.
      stateRoot: step.secretVariables.isEmpty ? "\(settings.execRoot)/runtime" : "\(bundle)/runtime",
      socket: supervisor.socketPath(step.id), exitFile: "\(bundle)/exit.json", dnsFile: surroundings.dnsFile,
      networkNamespace: surroundings.path, log: LogOptions(path: nil))
  }
}
