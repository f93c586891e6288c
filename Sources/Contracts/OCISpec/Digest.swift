import JSON

/// A content digest, `sha256:<hex>` (image-spec, descriptor.md); lower case, checked on the way in.
public struct Digest: Hashable, Sendable, TextCodable {
  public static let textName = "digest"
  public let hex: String

  /// Reads `sha256:` followed by 64 lower-case hexadecimal digits; nil for anything else.
  public init?(_ text: String) {
    let prefix = "sha256:"
    guard text.hasPrefix(prefix) else { return nil }
    self.init(hex: String(text.dropFirst(prefix.count)))
  }

  /// Takes the 64 lower-case hexadecimal digits alone; nil for anything else.
  public init?(hex: String) {
    guard hex.utf8.count == 64, hex.utf8.allSatisfy(Self.isLowerHex) else { return nil }
    self.hex = hex
  }

  /// Takes the 32 bytes of a SHA-256 hash.
  public init(sha256 bytes: [UInt8]) {
    precondition(bytes.count == 32, "a SHA-256 hash has 32 bytes")
    let digits = Array("0123456789abcdef".utf8)
    hex = String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  /// `sha256:<hex>`
  public var description: String { "sha256:\(hex)" }

  /// The first 12 digits, as Docker shows ids.
  public var short: String { String(hex.prefix(12)) }

  private static func isLowerHex(_ c: UInt8) -> Bool {
    (c >= UInt8(ascii: "0") && c <= UInt8(ascii: "9")) || (c >= UInt8(ascii: "a") && c <= UInt8(ascii: "f"))
  }
}
