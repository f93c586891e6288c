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

  /// What holds now.
  var settings: ReloadableSettings { current.withLock { $0 } }

  /// A file that makes no sense changes nothing, and the log says why.
  func reload() {
    do throws(SettingsError) {
      let settings = try DaemonSettings.reload(source, over: self.settings)
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
    engine.images.registry.use(
      mirrors: settings.registryMirrors, insecure: settings.insecureRegistries, limits: settings.transfers)
    var told = facts.told
    told.take(settings)
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
      "max-download-attempts": "\(settings.maxDownloadAttempts)",
      "shutdown-timeout": "\(settings.shutdownTimeout)",
    ]
  }
}

extension DaemonFacts.Told {
  mutating func take(_ settings: ReloadableSettings) {
    labels = settings.labels
    registryMirrors = settings.registryMirrors
    insecureRegistries = settings.insecureRegistries
    liveRestore = settings.liveRestore
  }
}

extension ReloadableSettings {
  var transfers: TransferLimits {
    var limits = TransferLimits()
    limits.downloads = Self.transfers(maxConcurrentDownloads)
    limits.uploads = Self.transfers(maxConcurrentUploads)
    limits.downloadAttempts = maxDownloadAttempts
    return limits
  }

  /// 0 means as many as possible.
  private static func transfers(_ number: Int) -> Int {
    number == 0 ? TransferLimits.most : min(number, TransferLimits.most)
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
