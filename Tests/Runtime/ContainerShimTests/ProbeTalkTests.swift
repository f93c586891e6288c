import Linux
import ShimProtocol
import Testing

@testable import ContainerShim

/// What a talk makes of pieces that come one after the other; "…" while it wants more, at the end what it says then.
private func hear(_ url: String, _ pieces: [String]) throws -> String {
  try hear(url, pieces.map { Array($0.utf8) })
}

private func hear(_ url: String, _ pieces: [[UInt8]]) throws -> String {
  let target = try ProbeTarget(url: url)
  var talk: any ProbeTalk =
    switch target.scheme {
    case .http: HTTPTalk(target)
    case .tcp: ConnectionTalk()
    case .postgres: PostgresTalk(target)
    case .redis: RedisTalk(target)
    }
  for piece in pieces {
    if let verdict = talk.heard(piece) { return text(verdict) }
  }
  return "… " + (talk.ended().map(text) ?? "nothing")
}

private func text(_ verdict: ProbeVerdict) -> String { "\(verdict.isHealthy ? "+" : "-") \(verdict.text)" }

private func postgresError(_ state: String, _ message: String) -> [UInt8] {
  let fields = Array("SFATAL\0C\(state)\0M\(message)\0\0".utf8)
  return [UInt8(ascii: "E"), 0, 0, 0, UInt8(fields.count + 4)] + fields
}

@Suite struct ProbeTalkTests {
  private let web = "http://localhost:8000/health"

  @Test(
    arguments: [
      (["HTTP/1.1 200 OK\r\n\r\n"], "+ GET http://localhost:8000/health: 200 OK"),
      (["HTT", "P/1.0 302 Found\nLocation: /", "\n\n"], "+ GET http://localhost:8000/health: 302 Found"),
      (
        ["HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n"],
        "+ GET http://localhost:8000/health: 204 No Content"
      ),
      (
        ["HTTP/1.1 503 Service Unavailable\r\nContent-Length: 7\r\n\r\n", "no ", "db\r\n"],
        "- GET http://localhost:8000/health: 503 Service Unavailable: no db"
      ),
      (
        ["HTTP/1.1 500 Oops\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhy\n?\r\n"],
        "… - GET http://localhost:8000/health: 500 Oops: why ?"
      ),
      (
        ["HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"],
        "- GET http://localhost:8000/health: 404 Not Found"
      ),
      (
        ["HTTP/1.1 404 "],
        "… - GET http://localhost:8000/health: the answer ended within its head: HTTP/1.1 404"
      ),
      (
        ["-ERR unknown\r\n"],
        "- GET http://localhost:8000/health: what answers does not speak HTTP: -ERR unknown"
      ),
      (
        ["HTTP/1.1 ok\r\n\r\n"],
        "- GET http://localhost:8000/health: the answer has no status: HTTP/1.1 ok"
      ),
      (
        ["HTTP/1.1 " + String(repeating: "a", count: 16384)],
        "- GET http://localhost:8000/health: the answer's head is longer than 16384 bytes"
      ),
      ([], "… nothing"),
    ] as [([String], String)])
  func `http is judged by its status`(_ pieces: [String], _ expected: String) throws {
    #expect(try hear(web, pieces) == expected)
  }

  @Test func `http asks for the path, and names itself`() throws {
    let target = try ProbeTarget(url: "http://a:b@localhost:8000/x?y")
    #expect(
      HTTPTalk(target).opening
        == Array(
          """
          GET /x?y HTTP/1.1\r
          Host: localhost:8000\r
          User-Agent: skiff-health\r
          Accept: */*\r
          Connection: close\r
          Authorization: Basic YTpi\r
          \r\n
          """.utf8))
  }

  @Test func `a long body is cut`() throws {
    let seen = try hear(web, ["HTTP/1.1 500 E\r\n\r\n" + String(repeating: "b", count: 1000)])
    #expect(seen == "- GET \(web): 500 E: " + String(repeating: "b", count: 300) + "...")
  }

  @Test func `postgres is ready when it asks who one is, or complains of it`() throws {
    let ready = "+ localhost:5432 - accepting connections"
    #expect(try hear("postgres://localhost", [[82, 0, 0, 0], [8, 0, 0, 0, 3]]) == ready)
    #expect(try hear("postgres://localhost", [postgresError("28000", "role does not exist")]) == ready)
  }

  @Test func `postgres is not ready while it starts`() throws {
    let error = postgresError("57P03", "the database system is starting up")
    let expected = "- localhost:5432 - rejecting connections: the database system is starting up"
    #expect(
      try hear("postgres://localhost", [Array(error.prefix(7)), Array(error.dropFirst(7))]) == expected)
    #expect(
      try hear("postgres://localhost", ["HTTP/1.1 400 Bad"])
        == "- localhost:5432 - what answers is no PostgreSQL: HTTP/1.1 400 Bad")
  }

  @Test func `postgres is told a user and a database`() throws {
    let target = try ProbeTarget(url: "postgres://me@localhost/db")
    let words = "user\0me\0database\0db\0application_name\0skiff-health\0\0"
    #expect(
      PostgresTalk(target).opening == [0, 0, 0, UInt8(words.utf8.count + 8), 0, 3, 0, 0] + Array(words.utf8))
  }

  @Test(
    arguments: [
      ("redis://localhost", ["+PO", "NG\r\n"], "+ localhost:6379: PONG"),
      ("redis://:p@localhost", ["+OK\r\n+PONG\r\n"], "+ localhost:6379: PONG"),
      (
        "redis://:p@localhost", ["-WRONGPASS invalid username-password pair\r\n"],
        "- localhost:6379: WRONGPASS invalid username-password pair"
      ),
      (
        "redis://localhost", ["-LOADING Redis is loading the dataset in memory\r\n"],
        "- localhost:6379: LOADING Redis is loading the dataset in memory"
      ),
      (
        "redis://localhost", ["-NOAUTH Authentication required.\r\n"],
        "- localhost:6379: NOAUTH Authentication required. Give the probe the password: redis://:PASSWORD@localhost:6379"
      ),
      ("redis://localhost", ["HTTP/1.1 400\r\n"], "- localhost:6379: what answers is no Redis: HTTP/1.1 400"),
      ("redis://localhost", [], "… nothing"),
    ] as [(String, [String], String)])
  func `redis is judged by its PONG`(_ url: String, _ pieces: [String], _ expected: String) throws {
    #expect(try hear(url, pieces) == expected)
  }

  @Test func `redis is told the password first`() throws {
    let target = try ProbeTarget(url: "redis://u:p@localhost")
    #expect(
      RedisTalk(target).opening
        == Array("*3\r\n$4\r\nAUTH\r\n$1\r\nu\r\n$1\r\np\r\n*1\r\n$4\r\nPING\r\n".utf8))
  }

  @Test func `names are looked up in the hosts file, localhost is both addresses`() throws {
    let hosts = "127.0.0.1\tlocalhost\n# 9.9.9.9 web\n172.17.0.2\tweb other # web2\nfe80::1 other\n"
    func places(_ url: String) throws -> [String] {
      ProbeAddresses.of(try ProbeTarget(url: url)) { hosts }.map { "\($0.host) \($0.port)" }
    }
    #expect(try places("http://localhost") == ["127.0.0.1 80", "::1 80"])
    #expect(try places("tcp://other:1") == ["172.17.0.2 1", "fe80::1 1"])
    #expect(try places("tcp://[::2]:1") == ["::2 1"])
    #expect(try places("tcp://web2:1").isEmpty)
  }
}
