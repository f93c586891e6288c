import DockerAPI
import EngineErrors
import JSON
import Testing

@testable import APIServer

private func spoken(
  _ minor: Int, _ change: (inout ContainerCreateRequest) -> Void
) throws -> SpokenCreateRequest {
  var request = ContainerCreateRequest()
  change(&request)
  return try SpokenCreateRequest(request, in: APIVersion(1, minor))
}

private func refusal(_ minor: Int, _ change: (inout ContainerCreateRequest) -> Void) -> String? {
  do { _ = try spoken(minor, change) } catch { return (error as? EngineError)?.message }
  return nil
}

private func mount(_ type: String, _ change: (inout Mount) -> Void = { _ in }) -> Mount {
  var mount = Mount()
  mount.type = type
  change(&mount)
  return mount
}

@Suite struct CreateDialectTests {
  @Test func `what went without saying is said`() throws {
    #expect(try spoken(39) { _ in }.request.hostConfig.ipcMode == "shareable")
    #expect(try spoken(40) { _ in }.request.hostConfig.ipcMode == "")
    #expect(try spoken(39) { $0.hostConfig.ipcMode = "host" }.request.hostConfig.ipcMode == "host")
    #expect(try spoken(41) { _ in }.request.hostConfig.cgroupnsMode == "")
    #expect(try spoken(43) { _ in }.readOnlyIsFlat)
    #expect(try !spoken(44) { _ in }.readOnlyIsFlat)
  }

  @Test(arguments: [24, 42, 43, 44, 47])
  func `fields that a version had not are forgotten`(_ minor: Int) throws {
    let host = try spoken(minor) {
      $0.hostConfig.autoRemove = true
      $0.hostConfig.mounts = [mount("tmpfs")]
      $0.hostConfig.annotations = ["a": "b"]
      $0.hostConfig.consoleSize = [24, 80]
    }.request.hostConfig
    #expect(host.autoRemove == (minor >= 25))
    #expect((host.mounts != nil) == (minor >= 25))
    #expect((host.consoleSize != nil) == (minor >= 42))
    #expect((host.annotations != nil) == (minor >= 43))
  }

  @Test func `a health check's start interval came with 1.44`() throws {
    func interval(_ minor: Int) throws -> Int64? {
      try spoken(minor) {
        $0.config.healthcheck = HealthConfig()
        $0.config.healthcheck?.startInterval = 5
      }.request.config.healthcheck?.startInterval
    }
    #expect(try interval(43) == nil)
    #expect(try interval(44) == 5)
  }

  @Test func `options of another kind of mount are dropped, then refused`() throws {
    let odd = mount("bind") { $0.volumeOptions = VolumeOptions() }
    #expect(
      try spoken(41) { $0.hostConfig.mounts = [odd] }.request.hostConfig.mounts?[0].volumeOptions == nil)
    #expect(
      refusal(42) { $0.hostConfig.mounts = [odd] }
        == "VolumeOptions must not be specified on mount type \"bind\"")
    let other = mount("volume") { $0.bindOptions = BindOptions() }
    #expect(
      refusal(41) { $0.hostConfig.mounts = [other] }
        == "invalid mount config for type \"volume\": field BindOptions must not be specified")
  }

  @Test func `what would be misunderstood is refused with the version that has it`() {
    let part = mount("volume") {
      $0.volumeOptions = VolumeOptions()
      $0.volumeOptions?.subpath = "a"
    }
    #expect(
      refusal(44) { $0.hostConfig.mounts = [part] } == "VolumeOptions.Subpath needs API v1.45 or newer")
    #expect(refusal(45) { $0.hostConfig.mounts = [part] } == nil)
    #expect(
      refusal(47) { $0.hostConfig.mounts = [mount("image")] }
        == "Mount type \"Image\" needs API v1.48 or newer")
    let two = ["a": EndpointSettings(), "b": EndpointSettings()]
    #expect(
      refusal(43) { $0.networkingConfig.endpointsConfig = two }
        == "Container cannot be created with multiple network endpoints: a, b")
    #expect(refusal(44) { $0.networkingConfig.endpointsConfig = two } == nil)
  }

  @Test func `a container's link address becomes that of its main network`() throws {
    let old = try spoken(43) { $0.config.macAddress = "02:42:ac:11:00:09" }
    #expect(
      old.request.networkingConfig.endpointsConfig?["bridge"]?.macAddress == "02:42:ac:11:00:09"
        && old.warnings.isEmpty)
    let new = try spoken(44) {
      $0.config.macAddress = "02:42:ac:11:00:09"
      $0.hostConfig.networkMode = "net"
    }
    #expect(new.request.networkingConfig.endpointsConfig?["net"]?.macAddress == "02:42:ac:11:00:09")
    #expect(new.warnings.count == 1)
    var endpoint = EndpointSettings()
    endpoint.macAddress = "02:42:ac:11:00:08"
    #expect(
      try spoken(43) { $0.networkingConfig.endpointsConfig = ["net": endpoint] }.request.networkingConfig
        .endpointsConfig?["net"]?.macAddress == "")
    #expect(
      refusal(44) {
        $0.config.macAddress = "02:42:ac:11:00:09"
        $0.hostConfig.networkMode = "net"
        $0.networkingConfig.endpointsConfig = ["net": endpoint]
      }?.hasPrefix("the container-wide MAC address must match") == true)
    #expect(
      refusal(43) {
        $0.config.macAddress = "02:42:ac:11:00:09"
        $0.hostConfig.networkMode = "host"
      } == "conflicting options: mac-address and the network mode")
  }
}

@Suite struct AnswerDialectTests {
  private func image(_ minor: Int) throws -> JSONValue {
    var inspect = ImageInspect()
    inspect.size = 7
    let value = try JSON.parse(JSON.encode(inspect, as: .docker))
    return AnswerDialect.image(inspect, APIVersion(1, minor)).applied(to: value)
  }

  @Test func `an image loses keys from version to version`() throws {
    let oldest = try image(24)
    #expect(oldest["VirtualSize"]?.integer == 7 && oldest["ContainerConfig"] != nil)
    #expect(oldest["Created"]?.string == "0001-01-01T00:00:00Z")
    let middle = try image(47)
    #expect(middle["VirtualSize"] == nil && middle["ContainerConfig"] == nil && middle["Created"] == nil)
    #expect(middle["Config"]?["Hostname"]?.string == "" && middle["Config"]?["Cmd"] == .null)
    let newest = try image(51)
    #expect(newest["Config"]?["Hostname"] == nil && newest["Config"]?["Cmd"] == .null)
  }

  @Test func `what info tells besides`() throws {
    func info(_ minor: Int) throws -> JSONValue {
      var info = SystemInfo()
      info.securityOptions = ["name=seccomp,profile=builtin"]
      let value = try JSON.parse(JSON.encode(info, as: .docker))
      return AnswerDialect.info(info, APIVersion(1, minor)).applied(to: value)
    }
    #expect(try info(24)["SecurityOptions"] == ["seccomp"])
    #expect(try info(25)["SecurityOptions"] == ["name=seccomp,profile=builtin"])
    #expect(try info(46)["RegistryConfig"]?["AllowNondistributableArtifactsCIDRs"] == [])
    #expect(try info(47)["RegistryConfig"]?["AllowNondistributableArtifactsCIDRs"] == nil)
    #expect(try info(48)["RuncCommit"]?["Expected"] == "" && info(49)["RuncCommit"]?["Expected"] == nil)
    #expect(try info(49)["BridgeNfIptables"] == false && info(50)["BridgeNfIptables"] == nil)
  }

  @Test func `images without a name, and their containers`() {
    var summary = ImageSummary()
    summary.containers = 3
    #expect(summary.spoken(in: APIVersion(1, 42)).repoTags == ["<none>:<none>"])
    #expect(summary.spoken(in: APIVersion(1, 43)).repoTags == [])
    #expect(summary.spoken(in: APIVersion(1, 50)).containers == -1)
    #expect(summary.spoken(in: APIVersion(1, 51)).containers == 3)
  }
}
