/// A value that stands in documents as the text that describes it.
public protocol TextCodable: Codable, CustomStringConvertible {
  /// What the text is, for complaints: `IPv4 address`.
  static var textName: String { get }
  init?(_ text: String)
}

extension TextCodable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    let text = try container.decode(String.self)
    guard let value = Self(text) else {
      throw DecodingError.dataCorruptedError(
        in: container, debugDescription: "invalid \(Self.textName) \"\(text.prefix(100))\"")
    }
    self = value
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(description)
  }
}
