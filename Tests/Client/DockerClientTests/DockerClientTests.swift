import DockerAPI
import HTTP
import Testing

@testable import DockerClient

struct DockerClientTests {
  static let hosts: [(String, String)] = [
    ("unix:///run/x.sock", "unix:///run/x.sock"), ("tcp://h:2376", "tcp://h:2376"),
    ("tcp://h", "tcp://h:2375"), ("tcp://:99", "tcp://127.0.0.1:99"),
    ("tcp://[::1]:5", "tcp://[::1]:5"), ("http://h:80/x", "tcp://h:80"),
    ("ssh://h", "ssh://h"), ("ssh://u@h:22", "ssh://u@h:22"), ("ssh://u@[::1]:22/s", "ssh://u@[::1]:22/s"),
  ]

  @Test(arguments: hosts)
  func `addresses are read`(text: String, shown: String) throws {
    #expect(try DockerHost(text).description == shown)
  }

  @Test(arguments: [
    "", "x", "unix://", "tcp://h:x", "tcp://", "ssh://", "ssh://u:p@h", "ssh://h:x", "ssh://h?q", "ssh://@h",
  ])
  func `what names no engine is refused`(text: String) {
    #expect(throws: InvalidHost.self) { try DockerHost(text) }
  }

  @Test func `TLS has a port of its own`() throws {
    #expect(try DockerHost("tcp://h", tls: true) == .tcp(host: "h", port: 2376))
  }

  @Test func `ssh runs dial-stdio with whatever engine is there`() throws {
    let plain = try SSHAddress("ssh://h").arguments
    #expect(plain.dropLast() == ["-o", "ConnectTimeout=30", "-T", "--", "h"])
    #expect(
      plain.last
        == "sh -c 'if command -v skiff >/dev/null 2>&1; then exec skiff system dial-stdio; fi; exec docker system dial-stdio'"
    )
    let full = try SSHAddress("ssh://me@h:2222/run/x.sock").arguments
    #expect(full.dropLast() == ["-o", "ConnectTimeout=30", "-T", "-l", "me", "-p", "2222", "--", "h"])
    #expect(full.last?.contains("exec docker --host '\\''unix:///run/x.sock'\\'' system dial-stdio") == true)
  }

  @Test func `queries are encoded`() {
    var query = Query()
    query.set("a", "x y&z/ü")
    query.set("b", true)
    query.set("c", false)
    query.set("d", "")
    #expect(query.text == "?a=x%20y%26z%2F%C3%BC&b=1")
    #expect(Query.name("host:5000/a/b:1@sha256:x") == "host:5000/a/b:1@sha256:x")
  }

  @Test func `lines are found whatever the pieces`() {
    var lines = LineBuffer()
    lines.feed(Array("ab".utf8))
    #expect(lines.next() == nil)
    lines.feed(Array("c\n\nd".utf8))
    #expect(lines.next() == Array("abc".utf8))
    #expect(lines.next() == [])
    #expect(lines.next() == nil)
    lines.finish()
    #expect(lines.next() == Array("d".utf8))
    #expect(lines.next() == nil)
    #expect(lines.isAtEnd)
  }

  @Test func `image names are split at their tag or digest`() {
    #expect(ImageNameParts.split("h:5000/a:b") == ("h:5000/a", "b"))
    #expect(ImageNameParts.split("h:5000/a") == ("h:5000/a", ""))
    #expect(ImageNameParts.split("a@sha256:1") == ("a", "sha256:1"))
  }
}
