import ShimProtocol

/// A start-up message, and whether the server would take a connection, as pg_isready judges it: every answer but
/// SQLSTATE 57P03 (`the database system is starting up`) means that it does.
struct PostgresTalk: ProbeTalk {
  private static let protocolVersion: UInt32 = 196608
  private static let cannotConnectNow = "57P03"
  private static let longestMessage = 65536

  private let target: ProbeTarget
  private var received: [UInt8] = []

  init(_ target: ProbeTarget) { self.target = target }

  var opening: [UInt8] {
    let user = target.user ?? "postgres"
    let words = ["user", user, "database", target.database ?? user, "application_name", "skiff-health"]
    var body = Self.bytes(Self.protocolVersion)
    for word in words { body += Array(word.utf8) + [0] }
    body.append(0)
    return Self.bytes(UInt32(body.count + 4)) + body
  }

  mutating func heard(_ bytes: [UInt8]) -> ProbeVerdict? {
    received += bytes
    guard received.count >= 5 else { return nil }
    let length = received[1..<5].reduce(0) { $0 << 8 | Int($1) }
    guard [UInt8(ascii: "R"), UInt8(ascii: "E")].contains(received[0]), length >= 4,
      length <= Self.longestMessage
    else { return failed("what answers is no PostgreSQL: \(ProbeText.line(received))") }
    if received[0] == UInt8(ascii: "R") { return accepting }
    guard received.count > length else { return nil }
    return judge(received[5...length])
  }

  func ended() -> ProbeVerdict? {
    received.isEmpty ? nil : failed("the answer ended too early: \(ProbeText.line(received))")
  }

  /// An error's fields: a letter each, text, a zero byte.
  private func judge(_ fields: ArraySlice<UInt8>) -> ProbeVerdict {
    var (state, message) = ("", "no reason given")
    for field in fields.split(separator: 0) {
      if field.first == UInt8(ascii: "C") { state = String(decoding: field.dropFirst(), as: UTF8.self) }
      if field.first == UInt8(ascii: "M") { message = ProbeText.line(field.dropFirst()) }
    }
    return state == Self.cannotConnectNow ? failed("rejecting connections: \(message)") : accepting
  }

  private var accepting: ProbeVerdict {
    ProbeVerdict(isHealthy: true, text: "\(target.place) - accepting connections")
  }

  private func failed(_ what: String) -> ProbeVerdict {
    ProbeVerdict(isHealthy: false, text: "\(target.place) - \(what)")
  }

  private static func bytes(_ number: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
  }
}

/// `PING`, behind `AUTH` where there is a password.
struct RedisTalk: ProbeTalk {
  private static let longestAnswer = 4096

  private let target: ProbeTarget
  private var received: [UInt8] = []

  init(_ target: ProbeTarget) { self.target = target }

  var opening: [UInt8] {
    var bytes: [UInt8] = []
    if let password = target.password {
      bytes += Self.command(["AUTH"] + (target.user.map { [$0] } ?? []) + [password])
    }
    return bytes + Self.command(["PING"])
  }

  mutating func heard(_ bytes: [UInt8]) -> ProbeVerdict? {
    received += bytes
    let lines = received.split(separator: 0x0a, omittingEmptySubsequences: false)
    for line in lines.dropLast() {
      let text = ProbeText.line(line)
      if text.hasPrefix("-") { return failed(String(text.dropFirst()) + advice(text)) }
      if text == "+PONG" { return ProbeVerdict(isHealthy: true, text: "\(target.place): PONG") }
      if text != "+OK" { return failed("what answers is no Redis: \(text)") }
    }
    return received.count > Self.longestAnswer ? ended() : nil
  }

  func ended() -> ProbeVerdict? {
    received.isEmpty ? nil : failed("what answers is no Redis: \(ProbeText.line(received))")
  }

  private func advice(_ answer: String) -> String {
    answer.hasPrefix("-NOAUTH") ? " Give the probe the password: redis://:PASSWORD@\(target.place)" : ""
  }

  private func failed(_ what: String) -> ProbeVerdict {
    ProbeVerdict(isHealthy: false, text: "\(target.place): \(what)")
  }

  private static func command(_ words: [String]) -> [UInt8] {
    var bytes = Array("*\(words.count)\r\n".utf8)
    for word in words { bytes += Array("$\(word.utf8.count)\r\n\(word)\r\n".utf8) }
    return bytes
  }
}
