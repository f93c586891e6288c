/// How Swift names and absent values appear in JSON text.
public enum JSONDialect: Sendable {
  /// Keys as Swift spells them (or as CodingKeys say); absent non-optionals are errors.
  case plain
  /// Go's encoding/json over Go structs.
  ///
  /// `hostConfig` is written `HostConfig`: the first letter of every key is upper-cased, be it the property's
  /// name or a CodingKey's. Documents with lower-case keys are written and read in the plain dialect.
  /// Reading matches keys without regard to case, and an absent or null value is the zero value of a
  /// non-optional: "", 0, false, [], [:] or a struct of zero values. Keys of dictionaries are never changed.
  /// `<`, `>`, `&`, U+2028 and U+2029 are written as `\u003c` and so on.
  case docker
}

/// JSON text to Swift values and back.
public enum JSON {
  /// The deepest nesting of arrays and objects that is read.
  public static let depthLimit = 512
  /// The longest text that is read, in bytes.
  public static let sizeLimit = 512 << 20

  /// Writes a value: keys in order of declaration, those of dictionaries sorted by their bytes, numbers exact.
  /// NaN and infinities become null. `pretty` indents by four spaces, as docker inspect does.
  public static func encode<T: Encodable>(_ value: T, as dialect: JSONDialect = .plain, pretty: Bool = false)
    -> [UInt8]
  {
    do {
      let encoded = try Encoded(of: value, in: dialect)
      var writer = Writer(escapesHTML: dialect == .docker, pretty: pretty)
      writer.write(encoded)
      return writer.bytes
    } catch {
      preconditionFailure("\(T.self) cannot be written as JSON: \(error)")
    }
  }

  /// Writes a value that is JSON already: without `Codable`, see `JSONReadable`.
  public static func encode(_ value: JSONValue, pretty: Bool = false) -> [UInt8] {
    var writer = Writer(escapesHTML: false, pretty: pretty)
    writer.write(value)
    return writer.bytes
  }

  /// Reads a value. The error says where in the text the value stands that did not fit.
  public static func decode<T: Decodable>(
    _ type: T.Type, from bytes: [UInt8], as dialect: JSONDialect = .plain
  ) throws(JSONError) -> T {
    let tree = try Parser.parse(bytes)
    do {
      return try TreeDecoder(tree: tree, node: 0, dialect: dialect).decode(type)
    } catch let error as JSONError {
      throw error
    } catch let error as DecodingError {
      throw tree.error(for: error)
    } catch {
      throw tree.error(at: 0, "\(error)")
    }
  }

  /// Reads any JSON text; the last of several equal keys wins.
  public static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONValue {
    try Parser.parse(bytes).value(at: 0)
  }
}
