import Protobuf
import Reactor

/// How a call ended, other than well.
public struct GRPCStatus: Error, Sendable, Equatable, CustomStringConvertible {
  /// The codes of gRPC's documentation ("Status codes and their use in gRPC").
  public enum Code: Int, Sendable {
    case ok, cancelled, unknown, invalidArgument, deadlineExceeded, notFound, alreadyExists, permissionDenied
    case resourceExhausted, failedPrecondition, aborted, outOfRange, unimplemented, `internal`, unavailable
    case dataLoss, unauthenticated
  }

  /// One that is described beside the message: a type's URL and its bytes.
  public struct Detail: ProtobufMessage, Equatable {
    public var typeURL = ""
    public var value: [UInt8] = []
    public init() {}
    public init(_ typeURL: String, _ value: [UInt8]) {
      self.typeURL = typeURL
      self.value = value
    }
    public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
      switch field {
      case 1: typeURL = value.text
      case 2: self.value = value.array
      default: break
      }
    }
    public func write(to writer: inout ProtobufWriter) {
      writer.text(1, typeURL)
      writer.bytes(2, value)
    }
  }

  public var code: Code
  public var message: String
  public var details: [Detail]

  public init(_ code: Code, _ message: String, details: [Detail] = []) {
    self.code = code
    self.message = message
    self.details = details
  }

  public var description: String { message }

  /// What a call's failure is to the one who called.
  static func of(_ error: any Error) -> GRPCStatus {
    switch error {
    case let status as GRPCStatus: status
    case is CancellationError: GRPCStatus(.cancelled, "context canceled")
    case is DeadlineExceeded: GRPCStatus(.deadlineExceeded, "context deadline exceeded")
    case let error as ProtobufError: GRPCStatus(.invalidArgument, "the request cannot be read: \(error)")
    default: GRPCStatus(.unknown, "\(error)")
    }
  }
}

extension GRPCStatus: ProtobufMessage {
  public init() { self.init(.ok, "") }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: code = Code(rawValue: Int(truncatingIfNeeded: value.signed)) ?? .unknown
    case 2: message = value.text
    case 3: details.append(try Detail(protobuf: value.slice))
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.number(1, Int64(code.rawValue))
    writer.text(2, message)
    for detail in details { writer.message(3, detail) }
  }
}
