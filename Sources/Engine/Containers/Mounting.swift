import Bundles
import DockerAPI
import EngineErrors
import Linux
import Reactor
import Volumes

extension Containers {
  /// Gives every wish its place on the host: volumes are made, directories for `-v` created.
  func resolve(_ requests: [MountRequest]) async throws(EngineError) -> [MountRecord] {
    var records: [MountRecord] = []
    for request in requests {
      switch request.source {
      case .bind(let path, let create):
        try await requireBindSource(path, create: create)
        records.append(MountRecord(.bind, request, source: path))
      case .image(let reference, let subpath):
        records.append(try await imageMount(request, reference, subpath))
      case .tmpfs(let options): records.append(MountRecord(.tmpfs, request, options: options))
      case .volume(let name, let driver, let options, let labels, let copyUp, let subpath):
        var wish = VolumeCreateRequest()
        wish.name = name ?? ""
        wish.driver = driver
        wish.driverOpts = options
        wish.labels = labels
        let volume = try await services.volumes.create(wish)
        var source = volume.mountpoint
        if let subpath { source = try Self.inside(source, subpath) }
        var record = MountRecord(.volume, request, source: source)
        record.name = volume.name
        if subpath != nil {
          record.volumeRoot = volume.mountpoint
          // What the options name is not mounted yet: the start looks.
          if volume.options == nil { try await record.requireWithinVolume() }
        }
        record.driver = volume.driver
        record.copyUp = copyUp && subpath == nil
        record.anonymous = name == nil
        if record.mode.isEmpty, name != nil { record.mode = "z" }
        records.append(record)
      }
    }
    return records
  }

  /// `--volumes-from NAME[:ro]`: the other container's volumes and binds.
  func mountsFrom(_ sources: [String]) async throws(EngineError) -> [MountRecord] {
    var records: [MountRecord] = []
    for source in sources {
      let parts = source.split(separator: ":", maxSplits: 1).map(String.init)
      guard let name = parts.first else { continue }
      if parts.count == 2,
        !parts[1].split(separator: ",").allSatisfy({ ["ro", "rw", "z", "Z", "nocopy"].contains($0) })
      {
        throw EngineError(.invalidArgument, "invalid mode: \(parts[1])")
      }
      for var mount in await (try wished(name)).record.mounts where mount.kind != .tmpfs {
        if parts.count == 2, parts[1].split(separator: ",").contains("ro") { mount.readOnly = true }
        mount.anonymous = false
        records.append(mount)
      }
    }
    return records
  }

  private func requireBindSource(_ path: String, create: Bool) async throws(EngineError) {
    try await blocking { () throws(EngineError) in
      if Files.exist(path) { return }
      guard create else {
        throw EngineError(
          .invalidArgument, "invalid mount config for type \"bind\": bind source path does not exist: \(path)"
        )
      }
      try failing(.internal, "error while creating mount source path '\(path)'") {
        try Files.makeDirectories(path)
      }
    }
  }

  private static func inside(_ directory: String, _ subpath: String) throws(EngineError) -> String {
    let path = lexicallyClean("/" + subpath)
    guard !subpath.split(separator: "/").contains("..") else {
      throw EngineError(
        .invalidArgument,
        "invalid mount config for type \"volume\": subpath must be a relative path within the volume")
    }
    return directory + path
  }
}

extension Container {
  /// The volumes that it mounts.
  var volumeNames: [String] { record.mounts.filter { $0.kind == .volume }.compactMap(\.name) }
}

extension MountRecord {
  /// Refuses a path in a volume that is not there, or that leads through a symbolic link: who writes into the volume could
  /// lead it to any file of the host.
  func requireWithinVolume() async throws(EngineError) {
    guard let volumeRoot else { return }
    let subpath = String(source.dropFirst(volumeRoot.count).drop { $0 == "/" })
    try await blocking { () throws(EngineError) in
      do throws(SyscallError) {
        let root = try FileDescriptor.open(volumeRoot, [.path, .directory])
        _ = try root.open(
          inside: subpath.isEmpty ? "." : subpath, .path, resolve: [.beneath, .noSymbolicLinks])
      } catch {
        let why =
          switch error.errno {
          case .tooManySymbolicLinks: "it leads through a symbolic link"
          case .noSuchFile, .notADirectory: "the volume has no such path"
          default: "\(error)"
          }
        throw EngineError(
          .invalidArgument,
          "cannot mount the path \"\(subpath)\" of volume \(name ?? ""): \(why)", cause: error)
      }
    }
  }
  init(_ kind: Kind, _ request: MountRequest, source: String = "", options: [String] = []) {
    self.init(
      kind: kind, name: nil, source: source, destination: request.destination, readOnly: request.readOnly,
      propagation: request.propagation, nonRecursive: request.nonRecursive,
      readOnlyAllBelow: !request.readOnlyIsFlat, mode: request.mode, driver: nil,
      options: options, copyUp: false, anonymous: false)
  }
}
