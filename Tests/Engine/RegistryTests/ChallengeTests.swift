import ImageNames
import Testing

@testable import Registry

@Suite struct ChallengeTests {
  @Test(
    arguments: [
      ("Basic realm=\"x\"", Challenge.basic),
      (
        "Bearer realm=\"https://auth.example/token\",service=\"registry.example\",scope=\"repository:a/b:pull,push\"",
        .bearer(
          realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull,push")
      ),
      ("bearer realm=https://a/t, service=s", .bearer(realm: "https://a/t", service: "s", scope: nil)),
      ("Bearer realm=\"a\\\"b\"", .bearer(realm: "a\"b", service: nil, scope: nil)),
    ] as [(String, Challenge)]) func `a challenge is read`(header: String, challenge: Challenge)
  {
    #expect(Challenge(header) == challenge)
  }

  @Test(arguments: [
    "", "Digest realm=\"x\"", "Bearer", "Bearer service=\"s\"", "Bearer realm=\"", "Bearer ,,,=",
  ])
  func `what leads nowhere is none`(header: String) {
    #expect(Challenge(header) == nil)
  }

  @Test func `this machine is told from others`() {
    for domain in ["localhost", "localhost:5000", "127.0.0.1:5000", "127.8.9.1", "[::1]:5000", "[::1]"] {
      #expect(RegistryHost.isLoopback(domain), "\(domain)")
    }
    for domain in [
      "example.org", "localhost.example.org", "127.0.0.1.example.org", "10.0.0.1:5000", "128.0.0.1",
    ] {
      #expect(!RegistryHost.isLoopback(domain), "\(domain)")
    }
  }

  @Test func `queries are escaped`() {
    #expect(
      TokenServer.encoded([("scope", "repository:a/b:pull"), ("é", "a b")])
        == "scope=repository%3Aa%2Fb%3Apull&%C3%A9=a%20b")
  }

  @Test func `a registry's refusal is read`() {
    let body = Array(
      #"{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown","detail":{}}]}"#.utf8)
    #expect(RegistryRefusal(body)?.code == "manifestunknown")
    #expect(RegistryRefusal(Array("<html>".utf8)) == nil)
  }
}
