import DockerAPI
import JSON
import Linux
import Testing
import TextFormats

@testable import Credentials

private func config(_ text: String) throws -> ClientConfig {
  ClientConfig(directory: "/nowhere", content: try JSON.parse(Array(text.utf8)).object ?? [:])
}

struct CredentialsTests {
  @Test func `credentials are found by address and by host name`() throws {
    let store = CredentialStore(
      try config(
        #"{"auths":{"https://index.docker.io/v1/":{"auth":"bWU6c2VjOnJldA=="},"reg.example:5000":{"identitytoken":"T"}}}"#
      ))
    let hub = try store.credentials(for: CredentialStore.hub)
    #expect(hub?.username == "me")
    #expect(hub?.password == "sec:ret")
    #expect(try store.credentials(for: "index.docker.io")?.username == "me")
    #expect(try store.credentials(for: "https://reg.example:5000/v2/")?.identitytoken == "T")
    #expect(try store.credentials(for: "other") == nil)
    #expect(store.all().count == 2)
  }

  @Test func `the header is base64url JSON`() throws {
    let store = CredentialStore(try config(#"{"auths":{"r":{"auth":"YTpi"}}}"#))
    let header = try store.header(for: "r")
    #expect(try JSON.decode(RegistryAuth.self, from: Base64.decode(header) ?? []).username == "a")
    #expect(try store.header(for: "x") == "")
  }

  @Test func `helpers are chosen by registry, then by credsStore`() throws {
    let store = CredentialStore(try config(#"{"credsStore":"all","credHelpers":{"gcr.example":"one"}}"#))
    #expect(store.helper(for: "https://gcr.example/v2")?.name == "one")
    #expect(store.helper(for: "x")?.name == "all")
  }

  @Test func `proxies become variables in both spellings`() throws {
    let settings = try config(#"{"proxies":{"default":{"httpProxy":"http://p:1","noProxy":"x"}}}"#)
    #expect(
      settings.proxies(for: "unix:///x").map(\.name) == ["HTTP_PROXY", "NO_PROXY", "http_proxy", "no_proxy"])
  }

  @Test func `base64 goes both ways`() {
    for text in ["", "a", "ab", "abc", "abcd", "\u{FF}\u{FE}?>"] {
      #expect(Base64.decode(Base64.encode(Array(text.utf8))) == Array(text.utf8))
      #expect(Base64.decode(Base64.encode(Array(text.utf8), urlSafe: true)) == Array(text.utf8))
    }
    #expect(Base64.encode(Array("ab".utf8)) == "YWI=")
    #expect(Base64.decode("a b") == nil)
  }

  @Test func `contexts keep what they are given, and what is not known here`() throws {
    let directory = "/tmp/skiff-contexts-\(UInt64.random(in: 0 ... .max))"
    defer {
      // What is left of it is in /tmp.
      try? Files.removeTree(directory)
    }
    let store = ContextStore(configDirectory: directory)
    let meta: JSONValue = [
      "Name": "other", "Metadata": ["Owner": "me"], "Endpoints": ["kubernetes": [:]],
    ]
    var context = try #require(EngineContext(meta, name: "mine"))
    context.setEndpoint("tcp://h:1", skipsVerification: true)
    context.description = "words"
    try store.write(context, secrets: ["ca.pem": [1], "cert.pem": [2], "../x": [3]])
    let found = try #require(store.find("mine"))
    #expect(found.host == "tcp://h:1" && found.skipsVerification && found.description == "words")
    #expect(found.metadata["Owner"]?.string == "me" && found.endpoints["kubernetes"] != nil)
    #expect(try store.secrets(of: "mine") == ["ca.pem": [1], "cert.pem": [2]])
    // Secrets stay where nothing else is said.
    try store.write(context)
    #expect(store.secretPath("ca.pem", of: "mine") != nil && store.secretPath("key.pem", of: "mine") == nil)
    #expect(store.all().map(\.name) == ["mine"])
    try store.remove("mine")
    #expect(store.all().isEmpty)
    #expect(try store.secrets(of: "mine").isEmpty)
  }
}
