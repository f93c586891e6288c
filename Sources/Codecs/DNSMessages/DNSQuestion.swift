/// The types of records a resolver of names and addresses tells apart (RFC 1035, 3.2.2; RFC 3596).
public struct DNSType: RawRepresentable, Hashable, Sendable {
  public let rawValue: UInt16
  public init(rawValue: UInt16) { self.rawValue = rawValue }
  public static let a = DNSType(rawValue: 1)
  public static let ptr = DNSType(rawValue: 12)
  public static let aaaa = DNSType(rawValue: 28)
  public static let opt = DNSType(rawValue: 41)
  public static let any = DNSType(rawValue: 255)
}

/// What a client asks.
public struct DNSQuery: Hashable, Sendable {
  public var id: UInt16
  public var name: DNSName
  public var type: DNSType
  /// 1 is the Internet.
  public var recordClass: UInt16
  public var recursionDesired: Bool
  /// How long an answer over UDP the client takes, where it says so by EDNS (RFC 6891).
  public var payloadSize: Int?

  public init(
    id: UInt16, name: DNSName, type: DNSType, recordClass: UInt16 = 1, recursionDesired: Bool = true,
    payloadSize: Int? = nil
  ) {
    self.id = id
    self.name = name
    self.type = type
    self.recordClass = recordClass
    self.recursionDesired = recursionDesired
    self.payloadSize = payloadSize
  }
}

/// Codes of an answer (RFC 1035, 4.1.1).
public enum DNSCode: UInt8, Sendable {
  case noError = 0, formatError, serverFailure, nameError, notImplemented, refused
}

/// Why a message is no question that can be answered.
public enum DNSMessageError: Error, Equatable, Sendable {
  /// Nothing can be answered: no header, or itself an answer.
  case ignore
  /// Answer with this code.
  case refuse(id: UInt16, DNSCode)
}
