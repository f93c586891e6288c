import APIServer
import Assembly
import Containers
import DaemonSettings
import DockerAPI
import EngineErrors
import HTTP
import Linux
import Reactor
import Registry

/// Reads the settings, runs the daemon until it is told to stop, and answers the exit status.
func startDaemon(_ arguments: [String]) -> Int32 {
  let source = SettingsSource(
    arguments: arguments, version: "skiffd version \(EngineVersion.number)", certificates: certificates(),
    read: readIfPresent)
  let settings: DaemonSettings
  do {
    settings = try DaemonSettings(source)
  } catch {
    switch error {
    case .text(let text): return say(text, on: 1, status: 0)
    case .wrong(let message): return say("\(message)\n", on: 2, status: 1)
    }
  }
  do {
    try SettingTrial.check(settings, EngineSettings(settings))
  } catch {
    return say("unable to configure skiffd with \(settings.origin): \(error)\n", on: 2, status: 1)
  }
  if settings.isTrial { return say("configuration OK\n", on: 1, status: 0) }
  guard Identity.effectiveUser == 0 else {
    return say("skiffd needs to be started with root privileges\n", on: 2, status: 1)
  }
  Log.level = settings.reloadable.logLevel.level
  return runToEnd { await run(settings, source) }
}

/// Where dockerd looks for the files of TLS.
private func certificates() -> String {
  for (name, tail) in [("DOCKER_CERT_PATH", ""), ("HOME", "/.docker")] {
    if let directory = Environment.value(name), !directory.isEmpty { return directory + tail }
  }
  return "/root/.docker"
}

private func run(_ settings: DaemonSettings, _ source: SettingsSource) async -> Int32 {
  do {
    let stop = Signals.stream([Signal.terminate, .interrupt, .hangup].map(\.rawValue))
    let place = try OnlyInstance(settings)
    defer { place.release() }
    var engineSettings = try EngineSettings(settings)
    engineSettings.openFiles = try raiseOpenFiles()
    // Before the engine, so that what cannot be opened is told at once; clients wait until it is there.
    let doors = try openDoors(settings)
    let scrapers = try openScrapers(settings)
    defer {
      // A socket that stays behind is replaced at the next start.
      for door in doors { if let path = door.path { try? Files.unlink(path) } }
    }
    let engine = try await Engine.open(engineSettings)
    let facts = DaemonFacts(id: engine.id, told(settings))
    for warning in facts.told.warnings { Log.warning(warning) }
    let reloading = Reloading(source, engine, facts, settings.reloadable)
    await serve(APIServer(engine, facts), at: doors, scrapers: scrapers, until: stop) { reloading.reload() }
    let last = reloading.settings
    if !last.liveRestore { await engine.containers.stopAll(within: last.shutdownTimeout) }
    await engine.close()
    Log.info(last.liveRestore ? "stopped; containers go on" : "stopped")
    return 0
  } catch {
    Log.error("\(error)")
    return 1
  }
}

/// Every client and every container takes a descriptor: as many as the hard limit allows. The soft limit that was there
/// is answered, for containers.
private func raiseOpenFiles() throws(SyscallError) -> UInt64 {
  let limit = try Resource.openFiles.limit()
  try Resource.openFiles.setLimit(soft: limit.hard, hard: limit.hard)
  return limit.soft
}

private func readIfPresent(_ path: String) throws -> [UInt8]? {
  do {
    return try Files.read(path)
  } catch  where error.errno == .noSuchFile {
    return nil
  }
}

private func say(_ text: String, on descriptor: Int32, status: Int32) -> Int32 {
  // With nobody to read it there is nobody to be told.
  let output = FileDescriptor(owning: descriptor)
  try? output.write(text.utf8)
  _ = output.release()
  return status
}

private func told(_ settings: DaemonSettings) -> DaemonFacts.Told {
  var told = DaemonFacts.Told()
  told.take(settings.reloadable)
  told.warnings = warnings(settings)
  return told
}

extension EngineSettings {
  fileprivate init(_ settings: DaemonSettings) throws(SyscallError) {
    let own = try Files.readLink("/proc/self/exe")
    let directory = own.prefix(upTo: own.lastIndex(of: "/") ?? own.startIndex)
    self.init(dataRoot: settings.dataRoot, execRoot: settings.execRoot, shimPath: "\(directory)/skiff-shim")
    hostTrust = settings.hostTrust
    nameServers = settings.dns
    defaultLog.type = settings.logDriver
    defaultLog.config = settings.logOptions
    ulimits = settings.ulimits
    registryMirrors = settings.reloadable.registryMirrors
    insecureRegistries = settings.reloadable.insecureRegistries
    transfers = settings.reloadable.transfers
    mtu = settings.mtu.map { UInt32($0) }
    addressPools = settings.addressPools.map { ($0.base, $0.size) }
    bridgeHasIPv6 = settings.ipv6
    bridgeSubnet6 = settings.fixedCIDRv6
  }
}
