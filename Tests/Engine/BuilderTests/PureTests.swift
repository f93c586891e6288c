import Dockerfile
import EngineErrors
import OCISpec
import Testing

@testable import Builder

@Suite struct HostTrustTests {
  private let host = HostTrust.Host(
    environment: [
      "HTTPS_PROXY": "http://proxy.corp:3128", "no_proxy": "localhost,.corp",
      "http_proxy": "http://127.0.0.1:8080",
      "PIP_INDEX_URL": "https://pypi.corp/simple", "PIP_FIND_LINKS": "/opt/wheels",
      "PIP_DEFAULT_TIMEOUT": "60", "HOME": "/root",
    ],
    certificates: "/etc/ssl/certs/ca-certificates.crt",
    pipConfigurations: [
      "[global]\nindex-url = https://old/simple\nextra_index_url =\n  https://a/simple\n  file:///b\ncert = /x\n[list]\ntimeout = 1"
    ])

  @Test func `a step learns the certificates, the proxies in both spellings, and where pip looks`() {
    let trust = HostTrust(host)
    #expect(trust.environment.contains("SSL_CERT_FILE=/dev/skiff/ca-certificates.crt"))
    #expect(trust.environment.contains("NODE_EXTRA_CA_CERTS=/dev/skiff/ca-certificates.crt"))
    #expect(trust.environment.contains("https_proxy=http://proxy.corp:3128"))
    #expect(trust.environment.contains("HTTPS_PROXY=http://proxy.corp:3128"))
    #expect(trust.environment.contains("NO_PROXY=localhost,.corp"))
    #expect(trust.environment.contains("PIP_CONFIG_FILE=/dev/skiff/pip.conf"))
    #expect(
      trust.pipConfiguration
        == "[global]\nextra-index-url = https://a/simple\nindex-url = https://pypi.corp/simple\ntimeout = 60\n"
    )
    #expect(
      trust.mounts(pipFile: "/x").map(\.destination) == [
        "/dev/skiff/ca-certificates.crt", "/dev/skiff/pip.conf",
      ])
    #expect(trust.mounts(pipFile: nil).allSatisfy { $0.readOnly })
  }

  @Test func `a proxy on the host's own loopback is of use only to a step in the host's network`() {
    #expect(!HostTrust(host).environment.contains { $0.hasPrefix("http_proxy=") })
    #expect(HostTrust(host, sharesHostNetwork: true).environment.contains("http_proxy=http://127.0.0.1:8080"))
  }

  @Test func `the image's own variables win, and an argument turns it off`() {
    let trust = HostTrust(host)
    #expect(
      !trust.variables(hiddenBy: EnvironmentList(["SSL_CERT_FILE=/own"])).contains {
        $0.hasPrefix("SSL_CERT_FILE=")
      })
    #expect(HostTrust.isOn([:]) && HostTrust.isOn(["SKIFF_HOST_TRUST": "1"]))
    #expect(!HostTrust.isOn(["SKIFF_HOST_TRUST": "0"]))
  }

  @Test func `a host without anything says nothing`() {
    let trust = HostTrust(.init(environment: [:], certificates: nil, pipConfigurations: []))
    #expect(trust == .off)
  }
}

@Suite struct StageStateTests {
  private func actions(_ text: String) throws -> [Instruction.Action] {
    try Dockerfile.instructions(text).map(\.action)
  }

  @Test func `an entry point resets the base's command unless the stage gave its own`() throws {
    var base = ImageConfig()
    base.config?.cmd = ["old"]
    var state = StageState(base: base, top: nil)
    for action in try actions("ENTRYPOINT [\"/e\"]") { _ = try state.apply(action) }
    #expect(state.defaults.cmd == nil && state.defaults.entrypoint == ["/e"])
    state = StageState(base: base, top: nil)
    for action in try actions("CMD x y\nENTRYPOINT [\"/e\"]") { _ = try state.apply(action) }
    #expect(state.defaults.cmd == ["/bin/sh", "-c", "x y"])
  }

  @Test func `settings and their history comments`() throws {
    var state = StageState(base: ImageConfig(), top: nil)
    let text =
      "ENV A=b C=d\nLABEL x=y\nEXPOSE 80 53/udp 8000-8001\nVOLUME /a /b\nUSER u\nSTOPSIGNAL SIGQUIT\nSHELL [\"/bin/bash\", \"-c\"]\nCMD echo \"hi\""
    let comments = try actions(text).map { try state.apply($0) }
    #expect(
      comments == [
        "ENV A=b C=d", "LABEL x=y", "EXPOSE 80 53/udp 8000-8001", "VOLUME [/a /b]", "USER u",
        "STOPSIGNAL SIGQUIT",
        "SHELL [/bin/bash -c]", "CMD [\"/bin/bash\" \"-c\" \"echo \\\"hi\\\"\"]",
      ])
    #expect(state.defaults.exposedPorts?.names == ["53/udp", "80/tcp", "8000/tcp", "8001/tcp"])
    #expect(state.environment["PATH"] == StageState.defaultPath && state.environment["A"] == "b")
  }

  @Test func `changes of commit and import`() throws {
    var defaults = ImageDefaults()
    defaults.env = ["A=1"]
    try ConfigurationChanges.apply(["ENV B=$A", "CMD [\"x\"]", "WORKDIR /w", "EXPOSE 80"], to: &defaults)
    #expect(defaults.env == ["A=1", "B=1"] && defaults.cmd == ["x"] && defaults.workingDir == "/w")
    #expect(defaults.exposedPorts?.names == ["80/tcp"])
    #expect {
      try ConfigurationChanges.apply(["RUN x"], to: &defaults)
    } throws: { "\($0)" == "run is not a valid change command" }
  }

  @Test func `a working directory is seen from the one before`() throws {
    var state = StageState(base: ImageConfig(), top: nil)
    try state.changeDirectory("app")
    try state.changeDirectory("../b/./c/")
    #expect(state.workingDirectory == "/b/c")
  }

  @Test(arguments: ["80/abc", "x", "9-8", "70000", ""])
  func `ports that are none are refused`(text: String) {
    #expect(throws: EngineError.self) { try PortSpecification.ports(text) }
  }

  @Test(
    arguments: [
      ("755", 0o644, false, 0o755), ("u=rwX,go=rX", 0o600, false, 0o644), ("u=rwX,go=rX", 0o700, true, 0o755),
      ("+x", 0o644, false, 0o755), ("a-w", 0o666, false, 0o444), ("g=u", 0o640, false, 0o660),
      ("u+s", 0o755, false, 0o4755),
    ] as [(String, UInt32, Bool, UInt32)]) func `modes change as chmod does`(
      text: String, old: UInt32, directory: Bool, new: UInt32
    ) throws
  {
    #expect(try ModeChange(text).applied(to: old, isDirectory: directory) == new)
  }

  @Test func `only what the target needs is built`() throws {
    let file = try Dockerfile(
      "FROM a AS one\nFROM b AS unused\nFROM one AS two\nCOPY --from=3 /x /y\nFROM c\nCOPY --from=0 / /\nCOPY --from=two / /"
    )
    #expect(try StagePlan(file, target: "").needed { $0.base } == [0, 2, 3])
    #expect(try StagePlan(file, target: "TWO").needed { $0.base } == [0, 2])
    #expect(throws: EngineError.self) { try StagePlan(file, target: "nope") }
  }

  @Test func `arguments have values where they are declared, and proxies leave no trace`() {
    var arguments = BuildArguments(
      given: ["A": "1", "HTTP_PROXY": "p", "N": "x"], platform: ["TARGETARCH": "amd64"])
    arguments.declareGlobal(.init(name: "V", value: "3"))
    arguments.declare(.init(name: "A", value: "0"))
    arguments.declare(.init(name: "V", value: nil))
    arguments.declare(.init(name: "TARGETARCH", value: nil))
    arguments.declare(.init(name: "B", value: nil))
    let image = EnvironmentList(["V=image"])
    #expect(arguments.environment(hiddenBy: image) == ["A=1", "HTTP_PROXY=p", "TARGETARCH=amd64"])
    #expect(arguments.deciding(hiddenBy: image) == ["A=1", "TARGETARCH=amd64"])
    #expect(arguments.unused == ["N"])
  }

  @Test func `a heredoc alone is a script, beside words it stays the shell's`() throws {
    guard case .run(let run) = try actions("RUN <<EOF\na\nb\nEOF").first,
      case .run(let cat) = try actions("RUN cat <<A >/x\nb\nA").first
    else { return }
    let state = StageState(base: ImageConfig(), top: nil)
    #expect(state.arguments(of: run.commandLine) == ["/bin/sh", "-c", "a\nb\n"])
    #expect(state.arguments(of: cat.commandLine) == ["/bin/sh", "-c", "cat <<A >/x\nb\nA\n"])
  }
}

@Suite struct TextPiecesTests {
  @Test func `a character cut in two comes out whole`() {
    let pieces = TextPieces()
    let bytes = Array("aé한😀".utf8)
    let text = bytes.map { pieces.text([$0], isError: false) }.joined()
    #expect(text == "aé한😀")
    #expect(pieces.text([0xff, 0x41], isError: true) == "\u{FFFD}A")
  }
}
