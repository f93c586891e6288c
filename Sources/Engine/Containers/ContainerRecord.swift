import DockerAPI
import OCISpec

/// All that is known of a container across restarts of the daemon.
struct ContainerRecord: Codable, Sendable {
  var id: String
  var name: String
  var created: String
  var imageID: String
  /// What the user asked for, with the image's settings merged in.
  var config: ContainerConfig
  var hostConfig: HostConfig
  /// The networks by name, as wished for; what was assigned comes from Networks.
  var networks: [String: EndpointSettings]
  var mounts: [MountRecord]
  /// nil where there are none.
  var links: [LinkRecord]?
  var life = ContainerLife()
  /// The user stopped it: policies such as `unless-stopped` respect that after a restart of the host.
  var stoppedByUser = false
  /// It has never been started: volumes may still take over the image's files.
  var fresh = true

  var shortID: String { String(id.prefix(12)) }
  var path: String { (config.entrypoint?.words ?? []).first ?? (config.cmd?.words ?? []).first ?? "" }
  var arguments: [String] {
    Array(((config.entrypoint?.words ?? []) + (config.cmd?.words ?? [])).dropFirst())
  }
}

/// The image behind a mount.
struct MountedImage: Codable, Sendable, Equatable {
  var id: String
  /// The topmost layer, kept as long as the container; nil for an image without files.
  var top: Digest?
  /// Relative; nil for all of it.
  var subpath: String?
}

/// A mount with its place on the host.
struct MountRecord: Codable, Sendable, Equatable {
  enum Kind: String, Codable, Sendable { case bind, volume, tmpfs, image }
  var kind: Kind
  /// The volume's name, or the image's as it was asked for.
  var name: String?
  /// A path of the host; empty for tmpfs.
  var source: String
  var destination: String
  var readOnly: Bool
  var propagation: String
  var nonRecursive: Bool
  /// Read-only goes for what is mounted below, too; nil in records of earlier engines, and false.
  var readOnlyAllBelow: Bool?
  var mode: String
  var driver: String?
  /// tmpfs' options.
  var options: [String]
  /// The image's files go into the volume if it is empty at the first start.
  var copyUp: Bool
  /// Nobody gave the volume a name: it goes with the container on `rm -v` and `--rm`.
  var anonymous: Bool
  /// The volume's directory, where `source` is a path below it that somebody in a container may have changed.
  var volumeRoot: String?
  /// Of an image's mount only.
  var image: MountedImage?

  /// As inspect shows it.
  var point: MountPoint {
    var point = MountPoint()
    point.type = kind.rawValue
    point.name = name
    point.source = source
    point.destination = destination
    point.driver = driver
    point.mode = mode
    point.rw = !readOnly
    point.propagation = propagation
    return point
  }
}
