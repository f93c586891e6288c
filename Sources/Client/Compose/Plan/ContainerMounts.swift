import ComposeModel
import DockerAPI
import JSON

/// Where a container's files come from: volumes, binds, secrets, configs.
extension ContainerRequests {
  func setMounts(_ host: inout HostConfig, _ service: Service, _ extras: Extras) {
    var binds: [String] = []
    var mounts: [Mount] = []
    var targets: Set<String> = []
    let inherited = Dictionary(extras.inherited.map { ($0.destination, $0) }) { first, _ in first }
    for volume in service.parts("volumes") {
      let target = volume["target"]?.string ?? ""
      targets.insert(target)
      if let bind = bind(volume) {
        binds.append(bind)
      } else if volume["source"] == nil, let old = inherited[target] {
        mounts.append(mount(inherited: old))
      } else {
        mounts.append(mount(volume))
      }
    }
    for old in extras.inherited where targets.insert(old.destination).inserted {
      mounts.append(mount(inherited: old))
    }
    for file in files(service) where targets.insert(file.target).inserted { mounts.append(file) }
    host.binds = binds.isEmpty ? nil : binds
    host.mounts = mounts.isEmpty ? nil : mounts
  }

  private func mount(inherited old: MountPoint) -> Mount {
    var mount = Mount()
    mount.type = old.type
    mount.source = old.type == "volume" ? old.name : old.source
    mount.target = old.destination
    if !old.rw { mount.readOnly = true }
    return mount
  }

  /// In the form of `docker run -v`, which can make missing directories; nil where that form does not say enough.
  private func bind(_ volume: JSONObject) -> String? {
    let target = volume["target"]?.string ?? ""
    guard let source = volume["source"]?.string else { return nil }
    var options = [volume["read_only"]?.bool == true ? "ro" : "rw"]
    switch volume["type"]?.string {
    case "bind":
      let bind = volume["bind"]
      guard bind?["create_host_path"]?.bool == true || bind == nil, bind?["propagation"] == nil,
        bind?["recursive"] == nil
      else { return nil }
      if let label = bind?["selinux"]?.string { options.append(label) }
      return "\(source):\(target):\(options.joined(separator: ","))"
    case "volume":
      let settings = volume["volume"]
      guard settings?["labels"] == nil, settings?["subpath"] == nil, settings?["nocopy"] == nil,
        project.volumes[source] != nil
      else { return nil }
      return "\(project.volumeName(source)):\(target):\(options.joined(separator: ","))"
    default: return nil
    }
  }

  private func mount(_ volume: JSONObject) -> Mount {
    var mount = Mount()
    mount.type = volume["type"]?.string ?? "volume"
    mount.target = volume["target"]?.string ?? ""
    if let source = volume["source"]?.string {
      mount.source =
        mount.type == "volume" && project.volumes[source] != nil ? project.volumeName(source) : source
    }
    if volume["read_only"]?.bool == true { mount.readOnly = true }
    mount.consistency = volume["consistency"]?.string
    switch mount.type {
    case "bind": mount.bindOptions = bindOptions(volume["bind"]?.object)
    case "volume":
      guard let settings = volume["volume"]?.object, !settings.isEmpty else { break }
      var options = VolumeOptions()
      options.noCopy = settings["nocopy"]?.bool
      options.labels = Self.texts(settings["labels"])
      options.subpath = settings["subpath"]?.string
      mount.volumeOptions = options
    case "tmpfs":
      guard let settings = volume["tmpfs"]?.object else { break }
      var options = TmpfsOptions()
      options.sizeBytes = settings["size"]?.integer
      options.mode = settings["mode"]?.integer.map { UInt32(truncatingIfNeeded: $0) }
      mount.tmpfsOptions = options
    case "image":
      var options = ImageOptions()
      options.subpath = volume["image"]?["subpath"]?.string
      mount.imageOptions = options
    default: break
    }
    return mount
  }

  private func bindOptions(_ settings: JSONObject?) -> BindOptions? {
    guard let settings else { return nil }
    var options = BindOptions()
    options.propagation = settings["propagation"]?.string
    options.createMountpoint = settings["create_host_path"]?.bool
    switch settings["recursive"]?.string {
    case "disabled": options.nonRecursive = true
    case "writable": options.readOnlyNonRecursive = true
    case "readonly": options.readOnlyForceRecursive = true
    default: break
    }
    return options
  }

  /// Secrets and configs that are files of this machine.
  private func files(_ service: Service) -> [Mount] {
    mounts(service.parts("secrets"), project.secrets, directory: "/run/secrets/")
      + mounts(service.parts("configs"), project.configs, directory: "/")
  }

  private func mounts(_ uses: [JSONObject], _ known: [String: JSONObject], directory: String) -> [Mount] {
    uses.compactMap { use in
      let source = use["source"]?.string ?? ""
      guard let path = known[source]?["file"]?.string else { return nil }
      var mount = Mount()
      mount.type = "bind"
      mount.source = path
      mount.target = Self.target(use, directory)
      mount.readOnly = true
      return mount
    }
  }

  static func target(_ use: JSONObject, _ directory: String) -> String {
    let target = use["target"]?.string ?? use["source"]?.string ?? ""
    return target.hasPrefix("/") ? target : directory + target
  }
}
