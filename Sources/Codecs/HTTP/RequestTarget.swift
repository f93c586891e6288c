/// A request target taken apart: `/path?query` or `http://host/path?query`.
struct RequestTarget: Equatable {
  /// Percent-decoded.
  var path: String
  var query: [(String, String)]

  static func == (a: Self, b: Self) -> Bool {
    a.path == b.path && a.query.elementsEqual(b.query) { $0 == $1 }
  }

  init(_ target: String) throws(HTTPError) {
    let bytes = Array(target.utf8)[...]
    let local = Self.withoutAuthority(bytes)
    guard local.first == UInt8(ascii: "/") || target == "*" else {
      throw .malformed("malformed request target")
    }
    let mark = local.firstIndex(of: UInt8(ascii: "?")) ?? local.endIndex
    path = try Self.decode(local[..<mark], plusIsSpace: false)
    query = []
    for pair in local[mark...].dropFirst().split(separator: UInt8(ascii: "&")) {
      let equals = pair.firstIndex(of: UInt8(ascii: "=")) ?? pair.endIndex
      let name = try Self.decode(pair[..<equals], plusIsSpace: true)
      query.append((name, try Self.decode(pair[equals...].dropFirst(), plusIsSpace: true)))
    }
  }

  private static func withoutAuthority(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let scheme = Array("http://".utf8)
    guard bytes.starts(with: scheme) else { return bytes }
    let rest = bytes.dropFirst(scheme.count)
    guard let slash = rest.firstIndex(of: UInt8(ascii: "/")) else { return [UInt8(ascii: "/")] }
    return rest[slash...]
  }

  fileprivate static func decode(_ bytes: ArraySlice<UInt8>, plusIsSpace: Bool) throws(HTTPError) -> String {
    var decoded: [UInt8] = []
    decoded.reserveCapacity(bytes.count)
    var index = bytes.startIndex
    while index < bytes.endIndex {
      var byte = bytes[index]
      if byte == UInt8(ascii: "%") {
        guard index + 2 < bytes.endIndex, let high = hexValue(bytes[index + 1]),
          let low = hexValue(bytes[index + 2])
        else { throw .malformed("invalid URL escape") }
        byte = UInt8(high << 4 | low)
        guard byte != 0 else { throw .malformed("a NUL in the request target") }
        index += 2
      } else if plusIsSpace, byte == UInt8(ascii: "+") {
        byte = space
      }
      decoded.append(byte)
      index += 1
    }
    return String(decoding: decoded, as: UTF8.self)
  }
}

/// The text with its percent escapes undone; nil where one is malformed or means a NUL.
public func percentDecoded(_ text: String) -> String? {
  // Every error here says the same.
  try? RequestTarget.decode(Array(text.utf8)[...], plusIsSpace: false)
}

/// Percent-encodes everything but unreserved characters (RFC 3986) and the bytes that `keeps` says, for a path segment or
/// a query's name or value.
public func percentEncoded(_ text: String, keeping keeps: (UInt8) -> Bool = { _ in false }) -> String {
  var encoded: [UInt8] = []
  let digits = Array("0123456789ABCDEF".utf8)
  for byte in text.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "~"):
      encoded.append(byte)
    case _ where keeps(byte): encoded.append(byte)
    default: encoded += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
    }
  }
  return String(decoding: encoded, as: UTF8.self)
}
