import JSON
import Testing

@testable import OCISpec

private let hex = String(repeating: "0a", count: 32)

@Suite struct ImageConfigTests {
  @Test func `what docker's classic builder writes is read, nulls and all`() throws {
    let text = """
      {"architecture":"amd64","config":{"Hostname":"","Domainname":"","User":"1000:1000","AttachStdin":false,
      "ExposedPorts":{"80/tcp":{},"53/udp":{}},"Tty":false,"Env":["PATH=/bin"],"Cmd":["sh","-c"],"Image":"sha256:\(hex)",
      "Volumes":null,"WorkingDir":"/app","Entrypoint":null,"OnBuild":[],"Labels":{"a":"b"},"StopSignal":"SIGQUIT",
      "Healthcheck":{"Test":["CMD","true"],"Interval":30000000000,"Retries":3},"Shell":["/bin/bash","-c"]},
      "container":"abc","container_config":{"Cmd":null},"created":"2020-01-02T03:04:05.678901234Z",
      "docker_version":"20.10","history":[{"created":"2020-01-02T03:04:05Z","created_by":"/bin/sh -c #(nop) CMD",
      "empty_layer":true}],"os":"linux","rootfs":{"type":"layers","diff_ids":["sha256:\(hex)"]},"variant":"v1"}
      """
    let config = try JSON.decode(ImageConfig.self, from: Array(text.utf8))
    let defaults = try #require(config.config)
    #expect(defaults.exposedPorts == ["53/udp", "80/tcp"])
    #expect(defaults.volumes == nil)
    #expect(defaults.entrypoint == nil)
    #expect(defaults.cmd == ["sh", "-c"])
    #expect(defaults.healthcheck?.interval == 30_000_000_000)
    #expect(defaults.healthcheck?.timeout == nil)
    #expect(config.history?.first?.emptyLayer == true)
    #expect(config.rootfs.diffIDs == [Digest(hex: hex)])
    #expect(config.platform.description == "linux/amd64/v1")
    #expect(config.dockerVersion == "20.10")
  }

  @Test func `what is written has docker's keys, and nothing for what is not said`() {
    var defaults = ImageDefaults()
    defaults.env = ["A=<1>"]
    defaults.exposedPorts = ["80/tcp"]
    let config = ImageConfig(
      created: "2024-01-01T00:00:00Z", platform: Platform(os: "linux", architecture: "amd64"),
      config: defaults,
      diffIDs: [Digest(sha256: [UInt8](repeating: 10, count: 32))],
      history: [
        ImageHistoryEntry(createdBy: "COPY . ."), ImageHistoryEntry(createdBy: "CMD", emptyLayer: true),
      ])
    #expect(
      String(decoding: JSON.encode(config), as: UTF8.self)
        == #"{"created":"2024-01-01T00:00:00Z","architecture":"amd64","os":"linux","#
        + #""config":{"ExposedPorts":{"80/tcp":{}},"Env":["A=<1>"]},"#
        + #""rootfs":{"type":"layers","diff_ids":["sha256:\#(hex)"]},"#
        + #""history":[{"created_by":"COPY . ."},{"created_by":"CMD","empty_layer":true}]}"#)
  }

  @Test func `an image of nothing has no layers`() throws {
    let config = try JSON.decode(
      ImageConfig.self, from: Array(#"{"rootfs":{"type":"layers","diff_ids":null}}"#.utf8))
    #expect(config.rootfs.diffIDs.isEmpty)
    #expect(config.platform == Platform(os: Platform.host.os, architecture: Platform.host.architecture))
  }

  @Test(arguments: [
    "", "sha256:", "sha256:\(hex)0", "sha512:\(hex)", hex, "sha256:" + hex.uppercased(), "sha256:../../etc",
  ])
  func `what is no digest is refused`(text: String) {
    #expect(Digest(text) == nil)
    #expect(throws: JSONError.self) { try JSON.decode([Digest].self, from: JSON.encode([text])) }
  }

  @Test func `an index leads to manifests by platform`() throws {
    let text = """
      {"schemaVersion":2,"mediaType":"application/vnd.oci.image.index.v1+json","manifests":[
      {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\(hex)","size":7,
      "platform":{"architecture":"arm","os":"linux","variant":"v7"}},
      {"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"sha256:\(hex)","size":7,
      "annotations":{"vnd.docker.reference.type":"attestation-manifest"},
      "platform":{"architecture":"unknown","os":"unknown"}}]}
      """
    let index = try JSON.decode(ImageIndex.self, from: Array(text.utf8))
    #expect(index.manifests[0].platform?.serves(Platform(os: "linux", architecture: "arm")) == true)
    #expect(
      index.manifests[0].platform?.serves(Platform(os: "linux", architecture: "arm", variant: "v6")) == false)
    #expect(index.manifests[1].platform?.serves(.host) == false)
    #expect(Platform("linux/arm64/v8")?.variant == "v8")
    #expect(Platform("linux") == nil)
  }
}
