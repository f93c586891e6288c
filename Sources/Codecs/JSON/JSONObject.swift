/// The members of a JSON object, in the order they were written; each key stands once.
public struct JSONObject: Sendable {
  /// The members in order.
  public private(set) var members: [(key: String, value: JSONValue)] = []
  /// Where a key stands in `members`; kept only once there are enough of them to make searching slow.
  private var places: [String: Int] = [:]
  private static let searchLimit = 16

  public init() {}

  /// Takes members in order; the last of several equal keys wins, at the place of the first.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  public var keys: [String] { members.map(\.key) }
  public var values: [JSONValue] { members.map(\.value) }
  public var count: Int { members.count }
  public var isEmpty: Bool { members.isEmpty }

  /// The value of a key; setting nil removes it.
  public subscript(_ key: String) -> JSONValue? {
    get { place(of: key).map { members[$0].value } }
    set {
      switch (place(of: key), newValue) {
      case (let place?, let value?): members[place].value = value
      case (let place?, nil): remove(at: place)
      case (nil, let value?): append(key, value)
      case (nil, nil): break
      }
    }
  }

  private func place(of key: String) -> Int? {
    members.count > Self.searchLimit ? places[key] : members.firstIndex { $0.key == key }
  }

  private mutating func append(_ key: String, _ value: JSONValue) {
    members.append((key, value))
    if members.count == Self.searchLimit + 1 {
      index()
    } else if members.count > Self.searchLimit {
      places[key] = members.count - 1
    }
  }

  private mutating func remove(at place: Int) {
    members.remove(at: place)
    if members.count > Self.searchLimit { index() } else { places = [:] }
  }

  private mutating func index() {
    places = [:]
    for (place, member) in members.enumerated() { places[member.key] = place }
  }
}

extension JSONObject: Hashable {
  /// Objects are equal when they have the same members in any order.
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    hasher.combine(members.reduce(0) { sum, member in sum ^ [member.key: member.value].hashValue })
  }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral members: (String, JSONValue)...) { self.init(members) }
}

extension JSONObject: Sequence {
  public func makeIterator() -> IndexingIterator<[(key: String, value: JSONValue)]> { members.makeIterator() }
}

extension JSONObject: Codable {
  public init(from decoder: any Decoder) throws {
    if let decoder = decoder as? TreeDecoder {
      self = try decoder.object()
      return
    }
    let members = try decoder.singleValueContainer().decode([String: JSONValue].self)
    self.init(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  public func encode(to encoder: any Encoder) throws {
    if let encoder = encoder as? TreeEncoder {
      encoder.slot.value = .value(.object(self))
      return
    }
    var container = encoder.singleValueContainer()
    try container.encode(Dictionary(members.map { ($0.key, $0.value) }) { _, last in last })
  }
}
