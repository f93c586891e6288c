/// A message that is read: what it does not know it passes over.
public protocol ProtobufReadable: Sendable {
  init()
  /// Takes in one field of those that came; a later one of the same number replaces or adds.
  mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError)
}

/// A message that is written.
public protocol ProtobufWritable: Sendable {
  func write(to writer: inout ProtobufWriter)
}

/// A message that goes both ways.
public typealias ProtobufMessage = ProtobufReadable & ProtobufWritable

extension ProtobufReadable {
  public init(protobuf bytes: some Collection<UInt8>) throws(ProtobufError) {
    self.init()
    var reader = ProtobufReader(Array(bytes)[...])
    while let field = try reader.next() { try take(field.number, field.value) }
  }
}

extension ProtobufWritable {
  public func encoded() -> [UInt8] {
    var writer = ProtobufWriter()
    write(to: &writer)
    return writer.bytes
  }
}

/// One entry of a map from text to text; maps to bytes are read as text's bytes.
public struct MapEntry: ProtobufMessage {
  public var key = ""
  public var value: [UInt8] = []
  public init() {}
  public init(_ key: String, _ value: String) {
    self.key = key
    self.value = Array(value.utf8)
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: key = value.text
    case 2: self.value = value.array
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, key)
    writer.bytes(2, value)
  }
}

extension [String: String] {
  /// Takes in one entry of a map field.
  public mutating func take(_ value: ProtobufReader.Value) throws(ProtobufError) {
    let entry = try MapEntry(protobuf: value.slice)
    self[entry.key] = String(decoding: entry.value, as: UTF8.self)
  }
}

/// A message without fields, or one whose fields nobody asks for.
public struct NoFields: ProtobufMessage {
  public init() {}
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {}
  public func write(to writer: inout ProtobufWriter) {}
}
