import Testing

@testable import DaemonSettings

private func settings(_ arguments: [String], file: String? = nil) throws(SettingsError) -> DaemonSettings {
  try DaemonSettings(arguments: arguments, version: "skiffd 1") { _ in file.map { Array($0.utf8) } }
}

private func complaint(_ arguments: [String], file: String? = nil) -> String {
  do throws(SettingsError) { _ = try settings(arguments, file: file) } catch {
    switch error {
    case .text(let text): return "text: \(text)"
    case .wrong(let message): return message
    }
  }
  return "nothing"
}

@Suite struct DaemonSettingsTests {
  @Test func `nothing given means the defaults`() throws {
    let settings = try settings([])
    #expect(settings.hosts == ["unix:///run/skiff/skiff.sock"])
    #expect(settings.pidFile == "/run/skiff/skiffd.pid")
    #expect(settings.logLevel == .info && settings.hostTrust)
  }

  @Test func `flags are taken`() throws {
    let settings = try settings([
      "-D", "--data-root", "/d", "--exec-root=/e", "-H", "unix:///a.sock", "-H", "tcp://[::1]:99", "-p", "/p",
      "--mtu", "1400", "--dns", "1.1.1.1", "--default-address-pool", "base=10.9.0.0/16,size=24",
      "--host-trust=false", "--registry-mirror", "https://mirror.example:5000/",
    ])
    #expect(settings.registryMirrors == ["https://mirror.example:5000/"])
    #expect(settings.dataRoot == "/d" && settings.execRoot == "/e" && settings.pidFile == "/p")
    #expect(settings.hosts == ["unix:///a.sock", "tcp://[::1]:99"])
    #expect(settings.logLevel == .debug && settings.mtu == 1400 && settings.dns == ["1.1.1.1"])
    #expect(settings.addressPools == [.init(base: "10.9.0.0/16", size: 24)])
    #expect(!settings.hostTrust)
  }

  @Test func `the file is taken where flags are silent`() throws {
    let settings = try settings(
      ["--data-root", "/d"],
      file:
        #"{"debug": true, "hosts": ["unix:///x"], "mtu": 1400, "default-address-pools": [{"base": "10.0.0.0/8", "size": 20}]}"#
    )
    #expect(settings.logLevel == .debug && settings.hosts == ["unix:///x"] && settings.mtu == 1400)
    #expect(settings.addressPools == [.init(base: "10.0.0.0/8", size: 20)])
  }

  @Test func `what stands in both is refused`() {
    #expect(
      complaint(["--debug", "-H", "unix:///a"], file: #"{"debug": false, "hosts": ["unix:///b"]}"#)
        == "unable to configure skiffd with file /etc/skiff/daemon.json: the following directives are specified both as "
        + "a flag and in the configuration file: hosts: (from flag: [unix:///a], from file: [unix:///b]), "
        + "debug: (from flag: true, from file: false)")
  }

  @Test(arguments: [
    (
      #"{"a": 1, "debug": true, "b": 2}"#,
      "the following directives don't match any configuration option: a, b"
    ),
    (#"{"debug": "yes"}"#, "the value of debug has the wrong type"), ("[]", "the file is no JSON object"),
    (#"{"hosts": [1]}"#, "hosts is no list of strings"),
    (#"{"hosts": ["ftp://x"]}"#, "unable to parse host ftp://x"),
    (#"{"log-level": "loud"}"#, "invalid logging level: loud"), (#"{"mtu": 1}"#, "invalid MTU: 1"),
    (
      #"{"registry-mirrors": ["mirror.example/path"]}"#,
      "invalid mirror: \"mirror.example/path\" must be https://HOST[:PORT] without a path"
    ),
  ])
  func `a file that makes no sense is refused`(_ file: String, _ expected: String) {
    #expect(
      complaint([], file: file).hasPrefix(
        "unable to configure skiffd with file /etc/skiff/daemon.json: \(expected)"))
  }

  @Test func `a file that was named must be there`() {
    #expect(complaint(["--config-file", "/x"]) == "unable to configure skiffd with file /x: no such file")
  }

  @Test func `paths must not depend on where skiffd was started`() {
    #expect(complaint(["--data-root", "data"]).hasSuffix("data is no absolute path"))
  }

  @Test func `version, help and unknown flags`() {
    #expect(complaint(["--version"]) == "text: skiffd 1\n")
    #expect(complaint(["--help"]).hasPrefix("text: "))
    #expect(complaint(["--nope"]).contains("unknown flag: --nope"))
    #expect(complaint(["word"]).contains("accepts no arguments"))
  }

  @Test func `endpoints are taken apart`() {
    #expect(Endpoint("tcp://127.0.0.1:80") == .tcp(host: "127.0.0.1", port: 80))
    #expect(Endpoint("tcp://:80") == .tcp(host: "127.0.0.1", port: 80))
    #expect(Endpoint("tcp://[::1]") == .tcp(host: "::1", port: 2375))
    #expect(Endpoint("tcp://a:b") == nil && Endpoint("unix://rel") == nil && Endpoint("fd://") == nil)
  }
}
