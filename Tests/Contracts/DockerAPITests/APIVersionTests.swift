import DockerAPI
import Testing

@Suite struct APIVersionTests {
  @Test func `versions are compared by number`() {
    #expect(APIVersion("1.9").map { $0 < APIVersion(1, 24) } == true)
    #expect(APIVersion("1.51") == .newest)
  }

  @Test(arguments: ["", "x", "1", "1.", "1.2.3", "1.-2", "+1.2", "1.99999", "1. 2"])
  func `what is no version is none`(text: String) { #expect(APIVersion(text) == nil) }
}
