/// A value as D-Bus carries it (D-Bus specification, Type System); those kinds that systemd's units need.
public indirect enum BusValue: Hashable, Sendable {
  case byte(UInt8)
  case boolean(Bool)
  case int32(Int32)
  case uint32(UInt32)
  case int64(Int64)
  case uint64(UInt64)
  case string(String)
  case path(String)
  case signature(String)
  /// With the signature of its elements, which an empty one could not show.
  case array(of: String, [BusValue])
  case structure([BusValue])
  case variant(BusValue)

  /// Its single complete type.
  public var signature: String {
    switch self {
    case .byte: "y"
    case .boolean: "b"
    case .int32: "i"
    case .uint32: "u"
    case .int64: "x"
    case .uint64: "t"
    case .string: "s"
    case .path: "o"
    case .signature: "g"
    case .array(let element, _): "a" + element
    case .structure(let fields): "(" + fields.map(\.signature).joined() + ")"
    case .variant: "v"
    }
  }

  public static func strings(_ texts: [String]) -> BusValue {
    .array(of: "s", texts.map { .string($0) })
  }

  public static func bytes(_ bytes: [UInt8]) -> BusValue { .array(of: "y", bytes.map { .byte($0) }) }

  /// Pairs of a name and a value, as systemd takes properties.
  public static func properties(_ pairs: [(name: String, value: BusValue)]) -> BusValue {
    .array(of: "(sv)", pairs.map { .structure([.string($0.name), .variant($0.value)]) })
  }

  /// Of a string, path or signature.
  public var text: String? {
    switch self {
    case .string(let text), .path(let text), .signature(let text): text
    case .variant(let value): value.text
    default: nil
    }
  }

  /// What a type of this first letter is aligned to.
  static func alignment(_ letter: UInt8) -> Int {
    switch letter {
    case UInt8(ascii: "y"), UInt8(ascii: "g"), UInt8(ascii: "v"): 1
    case UInt8(ascii: "n"), UInt8(ascii: "q"): 2
    case UInt8(ascii: "x"), UInt8(ascii: "t"), UInt8(ascii: "d"), UInt8(ascii: "("), UInt8(ascii: "{"): 8
    default: 4
    }
  }
}
