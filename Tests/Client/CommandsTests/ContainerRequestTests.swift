import DockerAPI
import Flags
import JSON
import Testing

@testable import Commands

private func request(_ words: String...) throws -> JSONValue {
  let syntax = CommandSyntax(
    "skiff create", "IMAGE", summary: "", words: .atLeast(1), flags: ContainerFlags.all,
    mixesFlagsAndWords: false)
  let made = try ContainerRequest.make(try syntax.parse(words), isDetached: false)
  return try JSON.parse(JSON.encode(made, as: .docker))
}

private func text(_ value: JSONValue?) -> String {
  value.map { String(decoding: JSON.encode($0), as: UTF8.self) } ?? "absent"
}

/// What Docker's own client sends for the same words.
struct ContainerRequestTests {
  @Test func `a plain request attaches to the output alone`() throws {
    let made = try request("busybox", "a", "-b")
    #expect(text(made["Cmd"]) == #"["a","-b"]"#)
    #expect(text(made["AttachStdout"]) == "true")
    #expect(text(made["AttachStdin"]) == "false")
    #expect(text(made["HostConfig"]?["NetworkMode"]) == #""default""#)
    #expect(text(made["HostConfig"]?["RestartPolicy"]) == #"{"Name":"no","MaximumRetryCount":0}"#)
  }

  static let fields: [([String], [String], String)] = [
    (["-it", "x"], ["StdinOnce"], "true"), (["-e", "A=1", "-e", "B=", "x"], ["Env"], #"["A=1","B="]"#),
    (["--entrypoint", "", "x"], ["Entrypoint"], #"[""]"#),
    (["-v", "/anon", "x"], ["Volumes"], #"{"/anon":{}}"#),
    (["-v", "vol:/c:ro", "-v", "/a:/b", "x"], ["HostConfig", "Binds"], #"["vol:/c:ro","/a:/b"]"#),
    (["-l", "a=b", "-l", "c", "x"], ["Labels"], #"{"a":"b","c":""}"#),
    (
      ["--restart", "on-failure:3", "x"], ["HostConfig", "RestartPolicy"],
      #"{"Name":"on-failure","MaximumRetryCount":3}"#
    ),
    (["--cpus", "1.5", "x"], ["HostConfig", "NanoCpus"], "1500000000"),
    (["-m", "64m", "x"], ["HostConfig", "Memory"], "67108864"),
    (["--memory-swap", "-1", "x"], ["HostConfig", "MemorySwap"], "-1"),
    (
      ["--cap-add", "net_admin", "--cap-add", "ALL", "x"], ["HostConfig", "CapAdd"],
      #"["ALL","CAP_NET_ADMIN"]"#
    ),
    (
      ["--device", "/dev/null:/x:r", "x"], ["HostConfig", "Devices"],
      #"[{"PathOnHost":"/dev/null","PathInContainer":"/x","CgroupPermissions":"r"}]"#
    ),
    (["--ulimit", "nofile=1:2", "x"], ["HostConfig", "Ulimits"], #"[{"Name":"nofile","Hard":2,"Soft":1}]"#),
    (["--tmpfs", "/a:size=1m", "x"], ["HostConfig", "Tmpfs"], #"{"/a":"size=1m"}"#),
    (["--add-host", "h=1.2.3.4", "x"], ["HostConfig", "ExtraHosts"], #"["h:1.2.3.4"]"#),
    (
      ["--health-cmd", "c d", "--health-interval", "5s", "x"], ["Healthcheck"],
      #"{"Test":["CMD-SHELL","c d"],"Interval":5000000000}"#
    ),
    (["--no-healthcheck", "x"], ["Healthcheck"], #"{"Test":["NONE"]}"#),
    (["--init", "x"], ["HostConfig", "Init"], "true"),
    (["--security-opt", "systempaths=unconfined", "x"], ["HostConfig", "MaskedPaths"], "[]"),
    (
      ["-p", "127.0.0.1::99", "x"], ["HostConfig", "PortBindings"],
      #"{"99/tcp":[{"HostIp":"127.0.0.1","HostPort":""}]}"#
    ),
    (
      ["-p", "8000-8010:80", "x"], ["HostConfig", "PortBindings"],
      #"{"80/tcp":[{"HostIp":"","HostPort":"8000-8010"}]}"#
    ),
    (
      ["-p", "[::1]:5:6/udp", "x"], ["HostConfig", "PortBindings"],
      #"{"6/udp":[{"HostIp":"::1","HostPort":"5"}]}"#
    ),
    (["-p", "5-6:7-8", "x"], ["ExposedPorts"], #"{"7/tcp":{},"8/tcp":{}}"#),
    (
      ["--mount", "type=bind,src=/a,dst=/b,ro", "x"], ["HostConfig", "Mounts"],
      #"[{"Type":"bind","Source":"/a","Target":"/b","ReadOnly":true}]"#
    ),
    (["--network", "foo", "x"], ["HostConfig", "NetworkMode"], #""foo""#),
    (["--network", "none", "x"], ["NetworkingConfig", "EndpointsConfig"], "{}"),
  ]

  @Test(arguments: fields)
  func `flags become the fields that docker sends`(words: [String], path: [String], expected: String) throws {
    let syntax = CommandSyntax(
      "c", summary: "", words: .any, flags: ContainerFlags.all, mixesFlagsAndWords: false)
    let made = try ContainerRequest.make(try syntax.parse(words), isDetached: false)
    let value = try JSON.parse(JSON.encode(made, as: .docker))
    #expect(text(path.reduce(value as JSONValue?) { $0?[$1] }) == expected)
  }

  @Test func `networks carry their names and addresses`() throws {
    let made = try request(
      "--network", "name=a,alias=x,ip=10.0.0.2", "--network", "b", "--link", "c:d", "img")
    let endpoints = made["NetworkingConfig"]?["EndpointsConfig"]
    #expect(endpoints?.object?.keys.sorted() == ["a", "b"])
    #expect(text(endpoints?["a"]?["Aliases"]) == #"["x"]"#)
    #expect(text(endpoints?["a"]?["Links"]) == #"["c:d"]"#)
    #expect(text(endpoints?["a"]?["IPAMConfig"]) == #"{"IPv4Address":"10.0.0.2"}"#)
  }

  static let faults: [([String], String)] = [
    (["--rm", "--restart", "always", "x"], "conflicting options: cannot specify both --restart and --rm"),
    (["-p", "99999:1", "x"], "invalid hostPort: 99999"),
    (["-p", "1:x", "x"], "invalid containerPort: x"),
    (["--memory-swappiness", "200", "x"], "invalid value: 200. Valid memory swappiness range is 0-100"),
    (["--network", "a", "--network", "a", "x"], "network \"a\" is specified multiple times"),
    (
      ["--network", "bridge", "--network", "foo", "x"],
      "conflicting options: cannot attach both user-defined and non-user-defined network-modes"
    ),
    (
      ["--network", "bridge", "--network-alias", "a", "x"],
      "network-scoped aliases are only supported for user-defined networks"
    ),
    (["--pid", "foo", "x"], "--pid: invalid PID mode"),
    (
      ["--restart", "on-failure:x", "x"],
      "invalid restart policy format: maximum retry count must be an integer"
    ),
    (["--no-healthcheck", "--health-cmd", "c", "x"], "--no-healthcheck conflicts with --health-* options"),
  ]

  @Test(arguments: faults)
  func `contradictions are told in docker's words`(words: [String], message: String) throws {
    let syntax = CommandSyntax(
      "c", summary: "", words: .any, flags: ContainerFlags.all, mixesFlagsAndWords: false)
    let arguments = try syntax.parse(words)
    #expect { try ContainerRequest.make(arguments, isDetached: false) } throws: { "\($0)" == message }
  }

  static let wrongValues: [([String], String)] = [
    (["--mount", "type=foo", "x"], "invalid argument \"type=foo\" for \"--mount\" flag: target is required"),
    (["--ulimit", "x", "y"], "invalid argument \"x\" for \"--ulimit\" flag: invalid ulimit argument: x"),
    (
      ["--cpus", "x", "y"],
      "invalid argument \"x\" for \"--cpus\" flag: failed to parse x as a rational number"
    ),
    (
      ["--health-interval", "1", "y"],
      "invalid argument \"1\" for \"--health-interval\" flag: time: missing unit in duration \"1\""
    ),
    (["-m", "abc", "y"], "invalid argument \"abc\" for \"-m, --memory\" flag: invalid size: 'abc'"),
  ]

  @Test(arguments: wrongValues)
  func `wrong values are told in docker's words`(words: [String], message: String) {
    let syntax = CommandSyntax(
      "c", summary: "", words: .any, flags: ContainerFlags.all, mixesFlagsAndWords: false)
    #expect {
      try syntax.parse(words)
    } throws: { ($0 as? UsageError)?.text.hasPrefix(message + "\n") == true }
  }
}
