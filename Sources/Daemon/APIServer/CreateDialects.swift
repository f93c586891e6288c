import DockerAPI
import EngineErrors

/// A request to create a container as a client of some version of the API means it.
struct SpokenCreateRequest {
  private(set) var request: ContainerCreateRequest
  /// Told to the client, besides what the engine says.
  private(set) var warnings: [String] = []
  /// Before API 1.44 what is mounted below a read-only mount stayed writable.
  let readOnlyIsFlat: Bool
  private let version: APIVersion

  /// Leaves out what a client of that version could not have meant, and refuses what the version lacks.
  init(_ given: ContainerCreateRequest, in version: APIVersion) throws(EngineError) {
    request = given
    self.version = version
    readOnlyIsFlat = version < APIVersion(1, 44)
    setStandards()
    forgetLaterFields()
    try checkMounts()
    try checkEndpoints()
    try placeMACAddress()
    warnOfVolumeDriver()
  }

  /// What went without saying.
  private mutating func setStandards() {
    if version < APIVersion(1, 40), request.hostConfig.ipcMode.isEmpty {
      request.hostConfig.ipcMode = "shareable"
    }
    if version < APIVersion(1, 41), request.hostConfig.cgroupnsMode.isEmpty,
      !HostFacts.read().hasUnifiedCgroups
    {
      request.hostConfig.cgroupnsMode = "host"
    }
  }

  private mutating func forgetLaterFields() {
    // These clients remove the container themselves.
    if version < APIVersion(1, 25) {
      (request.hostConfig.mounts, request.hostConfig.autoRemove) = (nil, false)
    }
    if version < APIVersion(1, 42) { request.hostConfig.consoleSize = nil }
    if version < APIVersion(1, 43) { request.hostConfig.annotations = nil }
    if version < APIVersion(1, 44) { request.config.healthcheck?.startInterval = nil }
    if version < APIVersion(1, 48) { eachEndpoint { $0.gwPriority = nil } }
    let version = version
    eachMount { mount in
      if version < APIVersion(1, 40) { mount.bindOptions?.nonRecursive = nil }
      guard version < APIVersion(1, 42) else { return }
      mount.bindOptions?.createMountpoint = nil
      if mount.type != "volume" { mount.volumeOptions = nil }
      if mount.type != "tmpfs" { mount.tmpfsOptions = nil }
    }
  }

  private func checkMounts() throws(EngineError) {
    for mount in request.hostConfig.mounts ?? [] {
      for (name, isGiven, type) in [
        ("VolumeOptions", mount.volumeOptions != nil, "volume"),
        ("BindOptions", mount.bindOptions != nil, "bind"),
        ("TmpfsOptions", mount.tmpfsOptions != nil, "tmpfs"),
      ] where isGiven && mount.type != type {
        throw Self.invalid(
          version < APIVersion(1, 42)
            ? "invalid mount config for type \"\(mount.type)\": field \(name) must not be specified"
            : "\(name) must not be specified on mount type \"\(mount.type)\"")
      }
      if version < APIVersion(1, 44), mount.bindOptions?.readOnlyForceRecursive == true {
        throw Self.invalid("BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer")
      }
      if version < APIVersion(1, 45), !(mount.volumeOptions?.subpath ?? "").isEmpty {
        throw Self.invalid("VolumeOptions.Subpath needs API v1.45 or newer")
      }
      if version < APIVersion(1, 48), mount.type == "image" {
        throw Self.invalid("Mount type \"Image\" needs API v1.48 or newer")
      }
    }
  }

  private func checkEndpoints() throws(EngineError) {
    let names = (request.networkingConfig.endpointsConfig ?? [:]).keys.sorted()
    if version < APIVersion(1, 44), names.count > 1 {
      throw Self.invalid(
        "Container cannot be created with multiple network endpoints: \(names.joined(separator: ", "))")
    }
  }

  /// The address stood in the container's settings before it stood in those of a network.
  private mutating func placeMACAddress() throws(EngineError) {
    let address = request.config.macAddress ?? ""
    guard !address.isEmpty else {
      if version < APIVersion(1, 44) { eachEndpoint { $0.macAddress = "" } }
      return
    }
    let mode = request.hostConfig.networkMode
    let isPrivate = mode != "host" && mode != "none" && !mode.hasPrefix("container:")
    guard isPrivate else {
      guard version >= APIVersion(1, 44) else {
        throw Self.invalid("conflicting options: mac-address and the network mode")
      }
      return warnings.append(Self.deprecatedAddress)
    }
    let name = try mainEndpoint(mode.isEmpty || mode == "default" ? "bridge" : mode)
    var endpoint = request.networkingConfig.endpointsConfig?[name] ?? EndpointSettings()
    guard endpoint.macAddress.isEmpty || version < APIVersion(1, 44) || endpoint.macAddress == address else {
      throw Self.invalid(
        "the container-wide MAC address must match the endpoint-specific MAC address for the main network, or be left empty"
      )
    }
    endpoint.macAddress = address
    request.networkingConfig.endpointsConfig = (request.networkingConfig.endpointsConfig ?? [:]).merging(
      [name: endpoint]) { _, new in new }
    if version >= APIVersion(1, 44) { warnings.append(Self.deprecatedAddress) }
  }

  /// Under which name the settings of the container's main network stand, or will stand.
  private func mainEndpoint(_ mode: String) throws(EngineError) -> String {
    let endpoints = request.networkingConfig.endpointsConfig ?? [:]
    if endpoints.isEmpty || endpoints[mode] != nil { return mode }
    if mode == "bridge", endpoints["default"] != nil { return "default" }
    // Then there is one alone.
    if version < APIVersion(1, 44), let name = endpoints.keys.first { return name }
    throw Self.invalid(
      "unable to migrate container-wide MAC address to a specific network: "
        + "HostConfig.NetworkMode must match the identity of a network in NetworkSettings.Networks")
  }

  private mutating func warnOfVolumeDriver() {
    guard version >= APIVersion(1, 48), !request.hostConfig.volumeDriver.isEmpty else { return }
    let isLeft = (request.hostConfig.mounts ?? []).contains { mount in
      mount.type == "volume" && (mount.volumeOptions?.driverConfig?.name ?? "").isEmpty
    }
    guard isLeft else { return }
    warnings.append(
      "WARNING: the container-wide volume-driver configuration is ignored for volumes specified via 'mount'. "
        + "Use '--mount type=volume,volume-driver=...' instead")
  }

  private mutating func eachMount(_ change: (inout Mount) -> Void) {
    guard var mounts = request.hostConfig.mounts else { return }
    for index in mounts.indices { change(&mounts[index]) }
    request.hostConfig.mounts = mounts
  }

  private mutating func eachEndpoint(_ change: (inout EndpointSettings) -> Void) {
    guard let endpoints = request.networkingConfig.endpointsConfig else { return }
    request.networkingConfig.endpointsConfig = endpoints.mapValues { endpoint in
      var endpoint = endpoint
      change(&endpoint)
      return endpoint
    }
  }

  private static let deprecatedAddress =
    "The container-wide MacAddress field is now deprecated. It should be specified in EndpointsConfig instead."

  private static func invalid(_ message: String) -> EngineError { EngineError(.invalidArgument, message) }
}
