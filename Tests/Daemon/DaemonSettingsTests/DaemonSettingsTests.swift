import DockerAPI
import Testing

@testable import DaemonSettings

/// A machine with at most a configuration file and these other files.
private func source(_ arguments: [String], file: String? = nil, others: Set<String> = []) -> SettingsSource {
  SettingsSource(arguments: arguments, version: "skiffd 1", certificates: "/certs") { path in
    if path.hasPrefix("/certs/") { return others.contains(path) ? [1] : nil }
    return file.map { Array($0.utf8) }
  }
}

private func settings(
  _ arguments: [String], file: String? = nil, others: Set<String> = []
) throws(SettingsError) -> DaemonSettings {
  try DaemonSettings(source(arguments, file: file, others: others))
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
    #expect(settings.reloadable.logLevel == .info && settings.hostTrust)
  }

  @Test func `flags are taken`() throws {
    let settings = try settings([
      "-D", "--data-root", "/d", "--exec-root=/e", "-H", "unix:///a.sock", "-H", "tcp://[::1]:99", "-p", "/p",
      "--mtu", "1400", "--dns", "1.1.1.1", "--default-address-pool", "base=10.9.0.0/16,size=24",
      "--host-trust=false", "--registry-mirror", "https://mirror.example:5000/",
    ])
    #expect(settings.reloadable.registryMirrors == ["https://mirror.example:5000/"])
    #expect(settings.dataRoot == "/d" && settings.execRoot == "/e" && settings.pidFile == "/p")
    #expect(settings.hosts == ["unix:///a.sock", "tcp://[::1]:99"])
    #expect(settings.reloadable.logLevel == .debug && settings.mtu == 1400 && settings.dns == ["1.1.1.1"])
    #expect(settings.addressPools == [.init(base: "10.9.0.0/16", size: 24)])
    #expect(!settings.hostTrust)
  }

  @Test func `the file is taken where flags are silent`() throws {
    let settings = try settings(
      ["--data-root", "/d"],
      file:
        #"{"debug": true, "hosts": ["unix:///x"], "mtu": 1400, "default-address-pools": [{"base": "10.0.0.0/8", "size": 20}]}"#
    )
    #expect(settings.reloadable.logLevel == .debug && settings.hosts == ["unix:///x"] && settings.mtu == 1400)
    #expect(settings.addressPools == [.init(base: "10.0.0.0/8", size: 20)])
  }

  @Test func `the default bridge gets IPv6 by flag or by file`() throws {
    let flags = try settings(["--ipv6", "--fixed-cidr-v6", "fd00:1::/64"])
    let file = try settings([], file: #"{"ipv6": true, "fixed-cidr-v6": "fd00:1::/64", "ip6tables": true}"#)
    for settings in [flags, file] { #expect(settings.ipv6 && settings.fixedCIDRv6 == "fd00:1::/64") }
    #expect(try !settings([], file: #"{"ipv6": false}"#).ipv6)
    #expect(
      complaint(["--fixed-cidr-v6", "fd00:1::/64"], file: "{}").contains(
        "fixed-cidr-v6 is given without ipv6"))
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
      "line 1, column 1: the following directives don't match any configuration option: a, b"
    ),
    ("{\n  \"debug\": \"yes\"}", "line 2, column 13: debug: expected a truth value, found a string"),
    ("[]", "line 1, column 1: expected an object, found an array"),
    (#"{"hosts": [1]}"#, "line 1, column 12: hosts[0]: expected a string, found the number 1"),
    (#"{"mtu": 1400, "mtu": 1500}"#, "line 1, column 22: mtu: the key stands in the file twice"),
    (
      #"{"default-ulimits": {"nofile": {"Name": "nproc", "Soft": 1, "Hard": 2}}}"#,
      "line 1, column 42: default-ulimits.nofile.Name: it must be nofile, as its key"
    ),
    (
      #"{"default-ulimits": {"nofile": {"Soft": 1}}}"#,
      "line 1, column 32: default-ulimits.nofile: it must have Soft and Hard"
    ),
    (
      #"{"default-ulimits": {"nofiles": {"Soft": 1, "Hard": 2}}}"#,
      "invalid default-ulimit: invalid ulimit type: nofiles"
    ),
    (
      #"{"log-opts": {"max-size": 10}}"#,
      "line 1, column 27: log-opts.max-size: expected a string, found the number 10"
    ),
    (#"{"log-driver": "syslog"}"#, "logger: no log driver named 'syslog' is registered"),
    (
      #"{"storage-driver": "btrfs"}"#,
      "line 1, column 21: storage-driver: only overlay2, overlay: layers are always stacked by overlayfs (overlay2)"
    ),
    (
      #"{"iptables": false}"#,
      "line 1, column 14: iptables: only true: containers' networks need the packet filter"
    ),
    (
      #"{"exec-opts": ["native.cgroupdriver=systemd"]}"#,
      "line 1, column 15: exec-opts: only native.cgroupdriver=cgroupfs"
    ),
    (#"{"bip": "10.1.0.1/24"}"#, "line 1, column 10: bip: the default bridge takes the first network of"),
    (
      #"{"builder": {"gc": {"enabled": true}}}"#,
      "line 1, column 13: builder: the build cache is not tidied by itself"
    ),
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

  @Test func `what docker's own files say is taken where it is so anyway`() throws {
    let settings = try settings(
      [],
      file: """
        {"log-driver": "local", "log-opts": {"max-size": "10m", "max-file": "3"}, "storage-driver": "overlay2",
         "iptables": true, "ip-forward": true, "userland-proxy": false, "exec-opts": ["native.cgroupdriver=cgroupfs"],
         "features": {"buildkit": true, "containerd-snapshotter": false}, "builder": {"gc": {"enabled": false}},
         "experimental": false, "live-restore": true}
        """)
    #expect(settings.logDriver == "local" && settings.logOptions == ["max-size": "10m", "max-file": "3"])
  }

  @Test func `what is wrong with a flag is not the file's fault`() {
    #expect(complaint(["--mtu", "1"]) == "unable to configure skiffd with its command line: invalid MTU: 1")
    #expect(
      complaint(["--mtu", "1"], file: #"{"debug": 1}"#)
        == "unable to configure skiffd with its command line: invalid MTU: 1")
    #expect(complaint(["--log-opt", "x"]).hasSuffix("invalid log-opt x: it must be KEY=VALUE"))
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
    #expect(Endpoint("tcp://a", tls: true) == .tcp(host: "a", port: 2376))
    #expect(Endpoint("fd://") == .inherited(nil) && Endpoint("fd://4") == .inherited(4))
    #expect(Endpoint("fd://2") == nil && Endpoint("fd://x") == nil)
    #expect(Endpoint("tcp://a:b") == nil && Endpoint("unix://rel") == nil)
  }

  @Test func `TLS is as dockerd has it`() throws {
    #expect(try settings([]).tls == nil)
    let standard = try settings(["--tls"])
    #expect(
      standard.tls == TLSFiles(authorities: "/certs/ca.pem", certificate: "", key: "", verifies: true))
    let found = try settings(["--tlsverify"], others: ["/certs/cert.pem", "/certs/key.pem"])
    #expect(found.tls?.certificate == "/certs/cert.pem" && found.tls?.key == "/certs/key.pem")
    // Naming --tlsverify at all turns TLS on.
    #expect(try settings(["--tlsverify=false"]).tls?.verifies == false)
    let given = try settings(
      [], file: #"{"tlsverify": true, "tlscacert": "/a", "tlscert": "/b", "tlskey": "/c"}"#)
    #expect(given.tls == TLSFiles(authorities: "/a", certificate: "/b", key: "/c", verifies: true))
  }

  @Test func `sockets have a role and maybe a label`() throws {
    let sockets = try settings(
      ["--socket", "path=/a,role=viewer", "--socket", "path=/b,role=operator,label=team=x=y,group=g"]
    ).sockets
    #expect(
      sockets == [
        ScopedSocket(path: "/a", scope: Scope(role: .viewer)),
        ScopedSocket(
          path: "/b", scope: Scope(role: .operator, label: .init(key: "team", value: "x=y")), group: "g"),
      ])
    let filed = try settings(
      [], file: #"{"sockets": [{"path": "/c", "role": "admin", "label": "a=b"}]}"#
    ).sockets
    let own = Scope(role: .admin, label: .init(key: "a", value: "b"))
    #expect(filed == [ScopedSocket(path: "/c", scope: own)])
  }

  @Test(arguments: [
    ("path=/a", "role must be viewer, operator or admin"), ("role=viewer", "path must be an absolute path"),
    ("path=/a,role=root", "role must be viewer, operator or admin"),
    ("path=/a,role=viewer,label=x", "label must be KEY=VALUE"),
    ("path=/a,role=viewer,role=admin", "role stands in it twice"),
    ("path=/a,mode=0777,role=viewer", "\"mode=0777\" is none of path=…, role=…, label=KEY=VALUE, group=…"),
  ])
  func `a socket that makes no sense is refused`(_ text: String, _ why: String) {
    #expect(complaint(["--socket", text]).hasSuffix("invalid socket \(text): \(why)"))
  }

  @Test func `how much is transferred at once, and what becomes of containers at the end, can be set`() throws
  {
    let usual = try settings([]).reloadable
    #expect(usual.liveRestore && usual.shutdownTimeout == 15 && usual.maxDownloadAttempts == 5)
    #expect(usual.maxConcurrentDownloads == 3 && usual.maxConcurrentUploads == 5)
    let set = try settings(
      [],
      file: #"{"live-restore": false, "shutdown-timeout": -1, "max-concurrent-downloads": 0,"#
        + #""max-concurrent-uploads": 1, "max-download-attempts": 2}"#
    ).reloadable
    #expect(!set.liveRestore && set.shutdownTimeout == -1 && set.maxDownloadAttempts == 2)
    #expect(set.maxConcurrentDownloads == 0 && set.maxConcurrentUploads == 1)
    #expect(try !settings(["--live-restore=false"]).reloadable.liveRestore)
    #expect(
      complaint(["--max-concurrent-downloads", "-1"]).hasSuffix("invalid max concurrent downloads: -1"))
    #expect(complaint(["--max-download-attempts", "0"]).hasSuffix("invalid max download attempts: 0"))
  }

  @Test func `limits of containers come from the file or from flags`() throws {
    let file =
      #"{"default-ulimits": {"nofile": {"Name": "nofile", "Soft": 64, "Hard": -1}, "core": {"hard": 2, "soft": 1}}}"#
    let limits = try settings([], file: file).ulimits
    #expect(limits.map(\.name) == ["core", "nofile"])
    #expect(limits.map(\.soft) == [1, 64] && limits.map(\.hard) == [2, -1])
    #expect(
      try settings(["--default-ulimit", "nofile=5", "--default-ulimit", "nofile=6:7"]).ulimits.map(\.soft)
        == [6])
    #expect(
      complaint(["--default-ulimit", "nofile=7:6"]).hasSuffix("6")
        && complaint(["--default-ulimit", "core=1"], file: file).contains("default-ulimits"))
  }

  @Test func `a running engine takes over what may change, and keeps what the file does not say`() throws {
    let first = try settings(["--label", "a=1"]).reloadable
    let second = try DaemonSettings.reload(
      source(["--label", "a=1"], file: #"{"debug": true, "registry-mirrors": ["https://m"], "mtu": 1400}"#),
      over: first)
    #expect(second.logLevel == .debug && second.labels == ["a=1"] && second.registryMirrors == ["https://m"])
    let third = try DaemonSettings.reload(
      source([], file: #"{"debug": false, "labels": ["b=2"]}"#), over: second)
    #expect(third.logLevel == .info && third.labels == ["b=2"] && third.registryMirrors == ["https://m"])
  }

  @Test(arguments: [#"{"debug": 1}"#, #"{"nope": 1}"#, #"{"labels": ["x=1"]}"#, "{"])
  func `a file that makes no sense changes nothing`(_ file: String) {
    #expect(throws: SettingsError.self) {
      try DaemonSettings.reload(source(["--label", "a=1"], file: file), over: ReloadableSettings())
    }
  }

  @Test func `labels and insecure registries are checked`() throws {
    #expect(complaint(["--label", "a"]).hasSuffix("bad attribute format: a"))
    #expect(complaint(["--label", "a=1", "--label", "a=2"]).hasSuffix("conflict labels for a=2 and a=1"))
    #expect(complaint(["--metrics-addr", "x"]).hasSuffix("invalid metrics-addr x: it must be HOST:PORT"))
    let settings = try settings(["--insecure-registry", "http://r:5000", "--insecure-registry", "10.0.0.0/8"])
    #expect(settings.reloadable.insecureRegistries == ["r:5000", "10.0.0.0/8"])
  }
}
