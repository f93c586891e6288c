import ShimProtocol
import TextFormats

/// `GET`, and the status of the answer (RFC 9112): 200 to 399 is healthy. Of other answers the body's first bytes
/// are told.
struct HTTPTalk: ProbeTalk {
  static let longestHead = 16384

  private let target: ProbeTarget
  private var received: [UInt8] = []
  private var status: Substring?
  /// Where the body begins, and how it comes.
  private var bodyStart = 0
  private var isChunked = false
  private var bodyLength: Int?

  init(_ target: ProbeTarget) { self.target = target }

  var opening: [UInt8] {
    var lines = [
      "GET \(target.path) HTTP/1.1", "Host: \(target.place)", "User-Agent: skiff-health", "Accept: */*",
      "Connection: close",
    ]
    if target.user != nil || target.password != nil {
      let word = "\(target.user ?? ""):\(target.password ?? "")"
      lines.append("Authorization: Basic \(Base64.encode(Array(word.utf8)))")
    }
    return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
  }

  mutating func heard(_ bytes: [UInt8]) -> ProbeVerdict? {
    received += bytes
    if status == nil, let verdict = readHead() { return verdict }
    guard status != nil else { return nil }
    let enough = min(bodyLength ?? .max, ProbeText.longest + 1)
    return received.count - bodyStart >= enough ? ended() : nil
  }

  func ended() -> ProbeVerdict? {
    guard let status else {
      if received.isEmpty { return nil }
      return failed("the answer ended within its head: \(ProbeText.line(received))")
    }
    var body = received[min(bodyStart, received.count)...]
    if isChunked, let end = body.firstIndex(of: 0x0a) { body = body[(end + 1)...] }
    return failed(body.isEmpty ? String(status) : "\(status): \(ProbeText.line(body))")
  }

  private mutating func readHead() -> ProbeVerdict? {
    guard received.prefix(5).elementsEqual("HTTP/".utf8.prefix(received.count)) else {
      return failed("what answers does not speak HTTP: \(ProbeText.line(received))")
    }
    guard let end = headEnd() else {
      return received.count > Self.longestHead
        ? failed("the answer's head is longer than \(Self.longestHead) bytes") : nil
    }
    let head = String(decoding: received[..<end], as: UTF8.self).split { $0.isNewline }
    let words = (head.first ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, let code = Int(words[1].prefix(3)), (100...599).contains(code) else {
      return failed("the answer has no status: \(ProbeText.line(received[..<end]))")
    }
    if code < 200 {
      // An interim answer; the real one follows.
      received.removeFirst(end)
      return received.isEmpty ? nil : readHead()
    }
    guard code >= 400 else { return ProbeVerdict(isHealthy: true, text: "GET \(shown): \(words[1])") }
    status = words[1]
    bodyStart = end
    for line in head.dropFirst() { note(line.lowercased()) }
    return nil
  }

  private mutating func note(_ header: String) {
    let value = header.drop { $0 != ":" }.dropFirst().filter { $0 != " " }
    if header.hasPrefix("transfer-encoding:") { isChunked = value.contains("chunked") }
    if header.hasPrefix("content-length:") { bodyLength = Int(value) }
  }

  /// Behind the empty line.
  private func headEnd() -> Int? {
    var isLineEmpty = false
    for (place, byte) in received.prefix(Self.longestHead).enumerated() where byte != 0x0d {
      if byte == 0x0a && isLineEmpty { return place + 1 }
      isLineEmpty = byte == 0x0a
    }
    return nil
  }

  /// Without user and password.
  private var shown: String { "http://\(target.place)\(target.path)" }

  private func failed(_ what: String) -> ProbeVerdict {
    ProbeVerdict(isHealthy: false, text: "GET \(shown): \(what)")
  }
}
