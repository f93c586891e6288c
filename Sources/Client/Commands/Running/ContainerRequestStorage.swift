import DockerAPI
import Flags

extension ContainerRequest {
  mutating func fillStorage() throws {
    var binds: [String] = []
    var anonymous: [String: EmptyObject] = [:]
    for word in arguments.list("volume") {
      if let bind = try Self.bind(word) { binds.append(bind) } else { anonymous[word] = EmptyObject() }
    }
    request.hostConfig.binds = arguments.isSet("volume") ? binds : nil
    request.config.volumes = anonymous.isEmpty ? nil : anonymous
    request.hostConfig.volumesFrom = arguments.isSet("volumes-from") ? arguments.list("volumes-from") : nil
    request.hostConfig.volumeDriver = arguments.string("volume-driver")
    var tmpfs: [String: String] = [:]
    for word in arguments.list("tmpfs") {
      let parts = word.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      tmpfs[parts[0]] = parts.count > 1 ? parts[1] : ""
    }
    request.hostConfig.tmpfs = tmpfs.isEmpty ? nil : tmpfs
    let mounts = try arguments.list("mount").map { try MountFlag.parse($0).get() }
    request.hostConfig.mounts = mounts.isEmpty ? nil : mounts
    if arguments.bool("use-api-socket") {
      request.hostConfig.binds = binds + ["/run/skiff/skiff.sock:/var/run/docker.sock"]
    }
  }

  /// The word of `-v` with its source made absolute; nil when it has none: an anonymous volume.
  static func bind(_ word: String) throws -> String? {
    let parts = word.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count > 1 else {
      guard !word.isEmpty else { throw CommandFailure("invalid empty volume spec") }
      return nil
    }
    guard parts.count <= 3 else { throw CommandFailure("invalid spec: \(word): too many colons") }
    guard parts.allSatisfy({ !$0.isEmpty }) else {
      throw CommandFailure("invalid spec: \(word): empty section between colons")
    }
    let source = String(parts[0])
    guard source.hasPrefix(".") else { return word }
    return ([HostPath.absolute(source)] + parts.dropFirst().map(String.init)).joined(separator: ":")
  }
}
