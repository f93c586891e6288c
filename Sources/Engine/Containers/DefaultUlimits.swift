import DockerAPI

extension Container {
  /// The settings with the engine's usual limits. These are not written down: an engine that starts with others gives
  /// others, as dockerd does.
  var limitedHostConfig: HostConfig {
    var host = record.hostConfig
    host.ulimits = DefaultUlimits.completed(host.ulimits, by: services.settings.ulimits)
    return host
  }
}

enum DefaultUlimits {
  /// What a container asks for, then what the engine has beyond that.
  static func completed(_ own: [Ulimit]?, by usual: [Ulimit]) -> [Ulimit]? {
    guard !usual.isEmpty else { return own }
    let taken = Set((own ?? []).map(\.name))
    return (own ?? []) + usual.filter { !taken.contains($0.name) }
  }
}
