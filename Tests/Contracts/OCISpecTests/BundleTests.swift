import JSON
import Testing

@testable import OCISpec

@Suite struct BundleTests {
  @Test func `what a bundle does not mention is empty`() throws {
    let text =
      #"{"ociVersion":"1.0.2","process":{"user":{"uid":1},"args":["sh"],"cwd":"/"},"mounts":null,"linux":{"resources":{"devices":[{"allow":false,"access":"rwm"}]}}}"#
    let bundle = try JSON.decode(Bundle.self, from: Array(text.utf8))
    #expect(bundle.mounts.isEmpty)
    #expect(bundle.process?.terminal == false)
    #expect(bundle.process?.env == [])
    #expect(bundle.process?.user == Bundle.User(uid: 1))
    #expect(bundle.linux?.resources?.devices == [Bundle.DeviceRule(allow: false, access: "rwm")])
  }

  @Test func `a bundle survives the way through JSON, and what is empty is not written`() throws {
    let bundle = Bundle(
      root: Bundle.Root(path: "rootfs"), process: Bundle.Process(args: ["true"]),
      mounts: [Bundle.Mount("/proc", type: "proc", source: "proc")],
      linux: Bundle.Linux(namespaces: [Bundle.Namespace(.pid), Bundle.Namespace(.network, path: "/run/n")]))
    let bytes = JSON.encode(bundle)
    #expect(try JSON.decode(Bundle.self, from: bytes) == bundle)
    let text = String(decoding: bytes, as: UTF8.self)
    #expect(!text.contains("maskedPaths") && !text.contains("readonly") && !text.contains("annotations"))
  }
}
