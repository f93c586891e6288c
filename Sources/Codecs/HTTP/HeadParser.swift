/// Start line and headers, read strictly (RFC 9112): what two programs might read differently is refused.
struct HeadParser {
  struct RequestHead: Equatable {
    var method: String
    var target: String
    /// 0 for HTTP/1.0, 1 for HTTP/1.1.
    var minor: Int
    var headers: HTTPHeaders
  }

  struct ResponseHead: Equatable {
    var status: Int
    var reason: String
    var minor: Int
    var headers: HTTPHeaders
  }

  /// The head's bytes without the empty line at its end.
  static func request(_ bytes: [UInt8], headerCount: Int) throws(HTTPError) -> RequestHead {
    let lines = try split(bytes)
    let words = lines[0].split(separator: space, omittingEmptySubsequences: false)
    guard words.count == 3 else { throw .malformed("malformed request line") }
    guard !words[0].isEmpty, words[0].count <= 32, words[0].allSatisfy(isTokenByte) else {
      throw .malformed("malformed method")
    }
    guard !words[1].isEmpty, words[1].allSatisfy({ $0 > space && $0 < 0x7f }) else {
      throw .malformed("malformed request target")
    }
    let minor = try version(words[2])
    let headers = try fields(lines.dropFirst(), limit: headerCount)
    if minor == 1, headers.all("host").count != 1 { throw .malformed("exactly one Host header is required") }
    return RequestHead(method: text(words[0]), target: text(words[1]), minor: minor, headers: headers)
  }

  static func response(_ bytes: [UInt8], headerCount: Int) throws(HTTPError) -> ResponseHead {
    let lines = try split(bytes)
    let words = lines[0].split(separator: space, maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2, words[1].count == 3, let status = decimal(words[1]), status >= 100 else {
      throw .malformed("malformed status line")
    }
    let headers = try fields(lines.dropFirst(), limit: headerCount)
    let reason = words.count == 3 ? text(words[2]) : ""
    return ResponseHead(status: status, reason: reason, minor: try version(words[0]), headers: headers)
  }

  /// Lines end with CR LF; both bytes stand nowhere else.
  private static func split(_ bytes: [UInt8]) throws(HTTPError) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      if byte == carriageReturn {
        guard index + 1 < bytes.count, bytes[index + 1] == lineFeed else {
          throw .malformed("a bare CR in the head")
        }
        lines.append(bytes[start..<index])
        start = index + 2
        index += 2
        continue
      }
      if byte == lineFeed { throw .malformed("a bare LF in the head") }
      if byte == 0 { throw .malformed("a NUL in the head") }
      index += 1
    }
    lines.append(bytes[start...])
    return lines
  }

  private static func fields(_ lines: ArraySlice<ArraySlice<UInt8>>, limit: Int) throws(HTTPError)
    -> HTTPHeaders
  {
    guard lines.count <= limit else { throw HTTPError(431, "too many headers") }
    var headers = HTTPHeaders()
    for line in lines {
      guard let colon = line.firstIndex(of: 0x3a), colon > line.startIndex else {
        throw .malformed("malformed header line")
      }
      // A blank before the colon, or at the start (a folded line), is where readings differ.
      guard line[..<colon].allSatisfy(isTokenByte) else { throw .malformed("malformed header name") }
      headers.add(text(line[..<colon]), trimmed(line[(colon + 1)...]))
    }
    return headers
  }

  private static func version(_ word: ArraySlice<UInt8>) throws(HTTPError) -> Int {
    switch text(word) {
    case "HTTP/1.1": return 1
    case "HTTP/1.0": return 0
    default:
      guard word.starts(with: Array("HTTP/".utf8)) else { throw .malformed("malformed protocol version") }
      throw HTTPError(505, "this server speaks HTTP/1.1")
    }
  }

  private static func trimmed(_ value: ArraySlice<UInt8>) -> String {
    let isBlank: (UInt8) -> Bool = { $0 == space || $0 == 0x09 }
    guard let first = value.firstIndex(where: { !isBlank($0) }),
      let last = value.lastIndex(where: { !isBlank($0) })
    else { return "" }
    return text(value[first...last])
  }
}

let space: UInt8 = 0x20
let carriageReturn: UInt8 = 0x0d
let lineFeed: UInt8 = 0x0a

func text(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

/// RFC 9110 section 5.6.2.
func isTokenByte(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
  case UInt8(ascii: "!"), UInt8(ascii: "#"), UInt8(ascii: "$"), UInt8(ascii: "%"), UInt8(ascii: "&"),
    UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
    UInt8(ascii: "^"), UInt8(ascii: "_"), UInt8(ascii: "`"), UInt8(ascii: "|"), UInt8(ascii: "~"):
    true
  default: false
  }
}

/// Digits only, at most 18 of them.
func decimal(_ digits: some Collection<UInt8>) -> Int? {
  guard !digits.isEmpty, digits.count <= 18 else { return nil }
  var value = 0
  for digit in digits {
    guard digit >= 0x30, digit <= 0x39 else { return nil }
    value = value * 10 + Int(digit - 0x30)
  }
  return value
}
