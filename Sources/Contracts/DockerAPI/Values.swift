/// `{}`: the value of Go's set-like maps.
public struct EmptyObject: Codable, Sendable, Equatable {
  public init() {}
}

/// Ports as "80/tcp" with the host's addresses for each.
public typealias PortMap = [String: [PortBinding]]

/// A list of words that old clients may send as one string (Go's strslice).
public struct StringList: Codable, Sendable, Equatable, ExpressibleByArrayLiteral {
  public var words: [String]

  public init(_ words: [String]) { self.words = words }
  public init(arrayLiteral words: String...) { self.words = words }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      words = []
    } else if let list = try? container.decode([String].self) {
      // Not a list: then it must be one word, and the next line says so if not.
      words = list
    } else {
      words = [try container.decode(String.self)]
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(words)
  }
}
