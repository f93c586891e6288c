import DockerAPI
import EngineErrors
import OCISpec

extension ContainerConfig {
  /// The user's settings with the image's where the user gave none, as docker merges them.
  /// - Throws: `No command specified` where neither names one.
  public func merged(with image: ImageDefaults) throws(EngineError) -> ContainerConfig {
    var result = self
    if user.isEmpty { result.user = image.user ?? "" }
    if workingDir.isEmpty { result.workingDir = image.workingDir ?? "" }
    if (stopSignal ?? "").isEmpty { result.stopSignal = image.stopSignal }
    if (shell ?? []).isEmpty { result.shell = image.shell }
    result.exposedPorts = Self.union(exposedPorts, image.exposedPorts)
    result.volumes = Self.union(volumes, image.volumes)
    result.labels = (image.labels ?? [:]).merging(labels ?? [:]) { _, own in own }
    result.env = Self.mergeEnvironment(image.env ?? [], env ?? [])
    result.healthcheck = Self.merge(healthcheck, image.healthcheck)
    result.mergeCommand(image)
    guard result.entrypoint?.words.isEmpty == false || result.cmd?.words.isEmpty == false else {
      throw EngineError(.invalidArgument, "No command specified")
    }
    return result
  }

  private mutating func mergeCommand(_ image: ImageDefaults) {
    if (entrypoint?.words ?? []).isEmpty {
      if (cmd?.words ?? []).isEmpty { cmd = image.cmd.map { StringList($0) } }
      if entrypoint == nil { entrypoint = image.entrypoint.map { StringList($0) } }
    }
    if entrypoint?.words == [""] { entrypoint = nil }
  }

  private static func union(_ own: [String: EmptyObject]?, _ image: NameSet?) -> [String: EmptyObject]? {
    guard let image else { return own }
    var all = own ?? [:]
    for name in image.names { all[name] = EmptyObject() }
    return all
  }

  /// The user's variables, then the image's that the user does not set. `NAME` alone is kept: it unsets at the start.
  static func mergeEnvironment(_ image: [String], _ own: [String]) -> [String] {
    func name(_ variable: String) -> Substring { variable.prefix { $0 != "=" } }
    let overridden = Set(own.map(name))
    let inherited = image.filter { !overridden.contains(name($0)) }
    return own + inherited
  }

  private static func merge(_ own: HealthConfig?, _ image: ImageHealthcheck?) -> HealthConfig? {
    guard let image else { return own }
    var merged = own ?? HealthConfig()
    if (merged.test ?? []).isEmpty { merged.test = image.test }
    if (merged.interval ?? 0) == 0 { merged.interval = image.interval }
    if (merged.timeout ?? 0) == 0 { merged.timeout = image.timeout }
    if (merged.startPeriod ?? 0) == 0 { merged.startPeriod = image.startPeriod }
    if (merged.startInterval ?? 0) == 0 { merged.startInterval = image.startInterval }
    if (merged.retries ?? 0) == 0 { merged.retries = image.retries }
    return merged
  }
}
