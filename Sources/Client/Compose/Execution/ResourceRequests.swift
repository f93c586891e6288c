import ComposeModel
import DockerAPI
import JSON

/// Turns the networks and volumes of a project into requests; pure.
enum ResourceRequests {
  static func network(_ key: String, _ network: JSONObject, in project: Project) -> NetworkCreateRequest {
    var request = NetworkCreateRequest()
    request.name = project.networkName(key)
    request.checkDuplicate = true
    request.driver = network["driver"]?.string ?? ""
    request.options = ContainerRequests.texts(network["driver_opts"])
    request.internal = network["internal"]?.bool ?? false
    request.attachable = network["attachable"]?.bool ?? false
    request.enableIPv4 = network["enable_ipv4"]?.bool
    request.enableIPv6 = network["enable_ipv6"]?.bool
    request.ipam = ipam(network["ipam"])
    request.labels = labels(
      network,
      [
        Label.network: key, Label.project: project.name, Label.version: VersionCommand.version,
        Label.configHash: ConfigHash.ofNetwork(network),
      ])
    return request
  }

  static func volume(_ key: String, _ volume: JSONObject, in project: Project) -> VolumeCreateRequest {
    var request = VolumeCreateRequest()
    request.name = project.volumeName(key)
    request.driver = volume["driver"]?.string ?? ""
    request.driverOpts = ContainerRequests.texts(volume["driver_opts"])
    request.labels = labels(
      volume,
      [
        Label.volume: key, Label.project: project.name, Label.version: VersionCommand.version,
        Label.configHash: ConfigHash.ofVolume(volume),
      ])
    return request
  }

  private static func labels(_ resource: JSONObject, _ own: [String: String]) -> [String: String] {
    (ContainerRequests.texts(resource["labels"]) ?? [:]).merging(own) { _, own in own }
  }

  private static func ipam(_ value: JSONValue?) -> IPAM? {
    guard let value, value["driver"] != nil || value["config"] != nil else { return nil }
    var ipam = IPAM()
    ipam.driver = value["driver"]?.string ?? ""
    ipam.config = value["config"]?.array?.map { pool in
      var config = IPAMConfig()
      config.subnet = pool["subnet"]?.string
      config.ipRange = pool["ip_range"]?.string
      config.gateway = pool["gateway"]?.string
      config.auxiliaryAddresses = ContainerRequests.texts(pool["aux_addresses"])
      return config
    }
    return ipam
  }
}
