import Testing

@testable import Registry

@Suite struct InsecureRegistriesTests {
  private let registries = InsecureRegistries(["r:5000", "plain", "10.1.0.0/16", "0.0.0.0/33"])

  @Test(arguments: ["r:5000", "plain", "10.1.2.3", "10.1.255.255:5000"])
  func `hosts and networks are known`(_ domain: String) { #expect(registries.contain(domain)) }

  @Test(arguments: ["r", "r:5001", "plain:5000", "10.2.0.1", "10.1.2", "10.1.2.3.4", "example.com"])
  func `others are not`(_ domain: String) { #expect(!registries.contain(domain)) }

  @Test func `all addresses are a network too`() {
    #expect(InsecureRegistries(["0.0.0.0/0"]).contain("9.9.9.9"))
  }
}
