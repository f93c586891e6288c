import JSON
import Linux
import Testing

@testable import Credentials

/// A directory of settings, gone at the end of the test.
private final class Settings {
  let directory = "/tmp/skiff-settings-\(UInt64.random(in: 0 ... .max))"
  var path: String { "\(directory)/config.json" }

  init(_ text: String? = nil) throws {
    try Files.makeDirectories(directory)
    if let text { try Files.write(path, Array(text.utf8)) }
  }

  // What is left of it is in /tmp.
  deinit { try? Files.removeTree(directory) }
}

struct ClientConfigTests {
  @Test(arguments: ["", " \n", "null", "{}"])
  func `a file without settings is none`(text: String) throws {
    let settings = try Settings(text)
    #expect(ClientConfig.load(directory: settings.directory).complaint == nil)
  }

  @Test(arguments: [
    ("{", "line 1, column 2: unexpected end where a key should stand"),
    ("{\n  \"a\": 1,\n  b\n}", "line 3, column 3: unexpected 'b' where a key should stand"),
    ("[]", "line 1, column 1: expected an object"),
  ])
  func `what is broken is told with its place, gone without, and never written over`(
    text: String, reason: String
  ) throws {
    let settings = try Settings(text)
    var config = ClientConfig.load(directory: settings.directory)
    #expect(config.complaint?.description == "Error parsing config file (\(settings.path)): \(reason)")
    #expect(config.text("psFormat") == "")
    config["currentContext"] = "x"
    #expect(throws: UnwrittenConfig.self) { try config.save() }
    #expect(try Files.text(settings.path) == text)
  }

  @Test(arguments: [
    (#"{"psFormat": 3}"#, "psFormat: expected a string"),
    (#"{"HttpHeaders": 4}"#, "HttpHeaders: expected an object"),
    (#"{"HttpHeaders": {"A": 4}}"#, "HttpHeaders.A: expected a string"),
    (#"{"auths": []}"#, "auths: expected an object"),
  ])
  func `a setting of another kind is told, and the others hold`(text: String, reason: String) throws {
    let settings = try Settings(#"{"detachKeys": "ctrl-a","# + text.dropFirst())
    let config = ClientConfig.load(directory: settings.directory)
    #expect(config.complaint?.reason == reason)
    #expect(config.text("detachKeys") == "ctrl-a")
  }

  @Test func `what is written keeps what is not known, the mode and the link`() throws {
    let settings = try Settings()
    let place = "\(settings.directory)/kept.json"
    try Files.write(place, Array(#"{"zzz": {"b": 1}}"#.utf8))
    try Files.changeMode(place, 0o640)
    try Files.makeSymbolicLink(settings.path, to: "kept.json")
    var config = ClientConfig.load(directory: settings.directory)
    config["currentContext"] = "far"
    try config.save()
    #expect(try Files.linkStatus(settings.path).kind == .symbolicLink)
    #expect(try Files.status(place).permissions == 0o640)
    let again = ClientConfig.load(directory: settings.directory)
    #expect(again.text("currentContext") == "far")
    #expect(again["zzz"]?["b"] == 1)
  }

  @Test func `a new file is its owner's alone`() throws {
    let settings = try Settings()
    var config = ClientConfig.load(directory: settings.directory)
    config["currentContext"] = "far"
    try config.save()
    #expect(try Files.status(settings.path).permissions == 0o600)
  }

  @Test func `logging out forgets every spelling of the address`() throws {
    let settings = try Settings(
      #"{"auths":{"https://r:5000/v2/":{"auth":"YTpi"},"r:5000":{"auth":"YTpi"},"s":{}}}"#)
    var store = CredentialStore(ClientConfig.load(directory: settings.directory))
    try store.erase("r:5000")
    #expect(ClientConfig.load(directory: settings.directory)["auths"]?.object?.map(\.key) == ["s"])
  }

  @Test func `proxies are read whatever the case of their names, as Go does`() throws {
    let settings = try Settings(#"{"proxies":{"default":{"HTTPProxy":"http://p:1"}}}"#)
    let config = ClientConfig.load(directory: settings.directory)
    #expect(config.proxies(for: "unix:///x").map(\.name) == ["HTTP_PROXY", "http_proxy"])
  }
}
