import Testing

@testable import ShimProtocol

@Suite struct ProbeTargetTests {
  @Test(
    arguments: [
      (["CMD", "http://localhost/health"], "http://localhost/health"),
      (["CMD-SHELL", " HTTP://localhost:8000 "], "HTTP://localhost:8000"),
      (["CMD-SHELL", "rediss://localhost"], "rediss://localhost"),
      (["CMD-SHELL", "curl http://localhost"], nil), (["CMD", "curl", "http://localhost"], nil),
      (["CMD", "/bin/check"], nil),
      (["CMD-SHELL", "http://localhost || exit 1"], "http://localhost || exit 1"),
      (["CMD", "http://localhost", "-f"], "http://localhost -f"),
      (["NONE"], nil), (["CMD", "mysql://localhost"], "mysql://localhost"),
      (["HTTP", "http://localhost"], nil),
      (["CMD", "://localhost"], nil), (["CMD-SHELL", "./a://b"], nil), (["CMD-SHELL", "a=b://c true"], nil),
      ([], nil),
    ] as [([String], String?)])
  func `what begins with a URL is meant as a probe, everything else is a command`(
    _ test: [String], _ url: String?
  ) {
    #expect(ProbeTarget.url(inTest: test) == url)
  }

  @Test(arguments: [
    ("http://localhost:8000/health?a=b#c", "http localhost:8000 /health?a=b nil nil nil"),
    ("http://localhost", "http localhost:80 / nil nil nil"),
    ("http://:81?x", "http localhost:81 /?x nil nil nil"),
    ("http://u:p%40@[::1]:8080/", "http [::1]:8080 / u p@ nil"),
    ("tcp://127.0.0.1:22", "tcp 127.0.0.1:22  nil nil nil"),
    ("postgresql://me@localhost/my%20db?x=y", "postgres localhost:5432  me nil my db"),
    ("postgres://localhost", "postgres localhost:5432  nil nil nil"),
    ("redis://:secret@localhost:7000", "redis localhost:7000  nil secret nil"),
  ])
  func `a URL says where and what to ask`(_ url: String, _ expected: String) throws {
    let target = try ProbeTarget(url: url)
    let parts = [target.user, target.password, target.database].map { $0 ?? "nil" }
    #expect(([target.scheme.rawValue, target.place, target.path] + parts).joined(separator: " ") == expected)
  }

  @Test(arguments: [
    ("tcp://localhost", "health probe tcp://localhost: give the port, as in tcp://localhost:8000"),
    (
      "https://localhost",
      "health probe https://localhost: probes do not speak TLS; use tcp:// with the port, or a command in the container"
    ),
    (
      "mysql://db",
      "health probe mysql://db: there are probes for http://, tcp://, postgres:// and redis://; for mysql use tcp:// with the port, or a command in the container"
    ),
    (
      "http://localhost || exit 1",
      "health probe http://localhost: words follow the URL; a probe is the URL alone, with nothing like \"|| exit 1\" behind it"
    ),
    ("http://localhost:0/", "health probe http://localhost:0/: 0 is no port"),
    ("http://localhost:http/", "health probe http://localhost:http/: http is no port"),
    ("http://localhost/ü", "health probe: its URL holds characters that are to be written as %XX"),
    ("redis://:a%2@localhost", "health probe: a % in its URL is not followed by two digits of a byte"),
    ("redis://:a%00@localhost", "health probe: a % in its URL is not followed by two digits of a byte"),
    ("http://" + String(repeating: "a", count: 2048), "health probe: its URL is longer than 2048 bytes"),
  ])
  func `what cannot be probed is refused`(_ url: String, _ complaint: String) {
    #expect { try ProbeTarget(url: url) } throws: { "\($0)" == complaint }
  }
}
