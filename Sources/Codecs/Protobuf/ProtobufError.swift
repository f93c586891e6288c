/// Why bytes are no protobuf message.
public enum ProtobufError: Error, Sendable, Equatable, CustomStringConvertible {
  case truncated
  case malformed(String)

  public var description: String {
    switch self {
    case .truncated: "the message breaks off"
    case .malformed(let text): text
    }
  }
}
