import APIServer
import Assembly
import DaemonSettings
import Events
import Images
import JSON
import Linux
import Registry
import Synchronization

/// What changes when a running engine reads its configuration file again.
final class Reloading: Sendable {
  private let source: SettingsSource
  private let engine: Engine
  private let facts: DaemonFacts
  private let current: Mutex<ReloadableSettings>

  init(_ source: SettingsSource, _ engine: Engine, _ facts: DaemonFacts, _ first: ReloadableSettings) {
    self.source = source
    self.engine = engine
    self.facts = facts
    current = Mutex(first)
  }

  /// A file that makes no sense changes nothing, and the log says why.
  func reload() {
    do throws(SettingsError) {
      let settings = try DaemonSettings.reload(source, over: current.withLock { $0 })
      current.withLock { $0 = settings }
      apply(settings)
      Log.info("reloaded configuration: \(Self.attributes(settings))")
    } catch {
      guard case .wrong(let message) = error else { return }
      Log.error("\(message); the configuration stays as it was")
    }
  }

  private func apply(_ settings: ReloadableSettings) {
    Log.level = settings.logLevel.level
    engine.images.registry.use(mirrors: settings.registryMirrors, insecure: settings.insecureRegistries)
    var told = facts.told
    told.labels = settings.labels
    told.registryMirrors = settings.registryMirrors
    told.insecureRegistries = settings.insecureRegistries
    facts.told = told
    // Without a name in /proc the host has none.
    let host = (try? Files.text("/proc/sys/kernel/hostname")) ?? ""
    engine.events.publish(
      type: "daemon", action: "reload", id: facts.id,
      attributes: Self.attributes(settings).merging(["name": String(host.prefix { $0 != "\n" })]) { $1 })
  }

  /// The attributes of docker's event, as far as there is something to say.
  private static func attributes(_ settings: ReloadableSettings) -> [String: String] {
    func list(_ words: [String]) -> String { String(decoding: JSON.encode(words), as: UTF8.self) }
    return [
      "debug": "\(settings.logLevel == .debug)", "labels": list(settings.labels),
      "registry-mirrors": list(settings.registryMirrors),
      "insecure-registries": list(settings.insecureRegistries), "live-restore": "\(settings.liveRestore)",
      "max-concurrent-downloads": "\(settings.maxConcurrentDownloads)",
      "max-concurrent-uploads": "\(settings.maxConcurrentUploads)",
      "shutdown-timeout": "\(settings.shutdownTimeout)",
    ]
  }
}

extension DaemonSettings.LogLevel {
  var level: Log.Level {
    switch self {
    case .debug: .debug
    case .info: .info
    case .warn: .warning
    case .error, .fatal: .error
    }
  }
}
