import DockerAPI

/// A volume across restarts of the daemon.
struct VolumeRecord: Codable, Sendable {
  var name: String
  /// RFC 3339.
  var createdAt: String
  var labels: [String: String]
  var options: [String: String]
  /// Nobody gave it a name; `prune` takes such volumes first.
  var anonymous: Bool

  func volume(mountpoint: String) -> Volume {
    var volume = Volume()
    volume.name = name
    volume.createdAt = createdAt
    volume.driver = "local"
    volume.labels = labels.isEmpty && !anonymous ? nil : labels
    volume.options = options.isEmpty ? nil : options
    volume.mountpoint = mountpoint
    volume.scope = "local"
    return volume
  }
}
