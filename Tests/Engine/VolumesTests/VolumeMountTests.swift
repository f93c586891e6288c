import EngineErrors
import Linux
import Testing

@testable import Volumes

struct VolumeMountTests {
  @Test func `options of the local driver become a mount`() throws {
    let bind = try VolumeMount(name: "v", options: ["type": "none", "device": "/srv", "o": "bind,ro"])
    #expect(bind == (try VolumeMount(name: "v", options: ["type": "bind", "device": "/srv", "o": "ro"])))
    #expect(bind?.flags == [.bind, .readOnly])
    let tmpfs = try VolumeMount(
      name: "v", options: ["type": "tmpfs", "device": "tmpfs", "o": "size=100m,uid=1000,nosuid"])
    #expect(tmpfs?.data == "size=100m,uid=1000" && tmpfs?.flags == .noSetUserID && tmpfs?.type == "tmpfs")
    #expect(try VolumeMount(name: "v", options: [:]) == nil)
  }

  @Test func `options that are unknown or missing are named`() {
    let unknown = #expect(throws: EngineError.self) { try VolumeMount(name: "v", options: ["size": "1"]) }
    #expect(unknown?.message == "create v: invalid option: \"size\"")
    let missing = #expect(throws: EngineError.self) { try VolumeMount(name: "v", options: ["type": "tmpfs"]) }
    #expect(missing?.message == "create v: missing required option: \"device\"")
  }
}
