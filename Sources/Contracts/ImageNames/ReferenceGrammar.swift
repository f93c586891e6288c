/// The grammar's words, each over ASCII alone.
enum ReferenceGrammar {
  static func isDigit(_ c: UInt8) -> Bool { c >= UInt8(ascii: "0") && c <= UInt8(ascii: "9") }
  static func isLower(_ c: UInt8) -> Bool { c >= UInt8(ascii: "a") && c <= UInt8(ascii: "z") }
  static func isUpper(_ c: UInt8) -> Bool { c >= UInt8(ascii: "A") && c <= UInt8(ascii: "Z") }
  static func isLowerHex(_ c: UInt8) -> Bool {
    isDigit(c) || (c >= UInt8(ascii: "a") && c <= UInt8(ascii: "f"))
  }
  static func isAlphanumeric(_ c: UInt8) -> Bool { isDigit(c) || isLower(c) || isUpper(c) }
  static func isWord(_ c: UInt8) -> Bool { isAlphanumeric(c) || c == UInt8(ascii: "_") }

  /// `path-component ["/" path-component]*`
  static func isPath(_ text: String) -> Bool {
    let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    return parts.allSatisfy { isPathComponent(Array($0)) }
  }

  /// Lower-case letters and digits, in runs parted by `.`, `_`, `__` or any number of dashes.
  static func isPathComponent(_ bytes: [UInt8]) -> Bool {
    var separator: [UInt8] = []
    var sawWord = false
    for c in bytes {
      if isLower(c) || isDigit(c) {
        guard separator.isEmpty || (sawWord && isSeparator(separator)) else { return false }
        separator = []
        sawWord = true
      } else {
        separator.append(c)
      }
    }
    return sawWord && separator.isEmpty
  }

  private static func isSeparator(_ bytes: [UInt8]) -> Bool {
    bytes == [UInt8(ascii: ".")] || bytes == [UInt8(ascii: "_")]
      || bytes == [UInt8(ascii: "_"), UInt8(ascii: "_")] || bytes.allSatisfy { $0 == UInt8(ascii: "-") }
  }

  /// A host name, an IPv4 address or a bracketed IPv6 address, and a port.
  static func isDomain(_ text: String) -> Bool {
    var host = Array(text.utf8)
    if let colon = host.lastIndex(of: UInt8(ascii: ":")), host.last != UInt8(ascii: "]") {
      let port = host[(colon + 1)...]
      guard !port.isEmpty, port.allSatisfy(isDigit) else { return false }
      host = Array(host[..<colon])
    }
    if host.first == UInt8(ascii: "["), host.last == UInt8(ascii: "]"), host.count > 2 {
      return host[1..<(host.count - 1)].allSatisfy {
        isDigit($0) || $0 == UInt8(ascii: ":")
          || ($0 | 32 >= UInt8(ascii: "a") && $0 | 32 <= UInt8(ascii: "f"))
      }
    }
    let labels = host.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return labels.allSatisfy { label in
      guard let first = label.first, let last = label.last else { return false }
      return isAlphanumeric(first) && isAlphanumeric(last)
        && label.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
    }
  }

  static func isTag(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, isWord(first), bytes.count <= 128 else { return false }
    return bytes.allSatisfy { isWord($0) || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") }
  }

  /// `sha256:` and 64, or `sha512:` and 128, lower-case hexadecimal digits.
  static func isDigest(_ text: String) -> Bool {
    let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, parts[1].utf8.allSatisfy(isLowerHex) else { return false }
    return switch parts[0] {
    case "sha256": parts[1].utf8.count == 64
    case "sha512": parts[1].utf8.count == 128
    default: false
    }
  }
}
