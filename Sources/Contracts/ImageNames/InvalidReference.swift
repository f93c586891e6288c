/// Why a text is no image reference, in Docker's words.
public enum InvalidReference: Error, Equatable, Sendable, CustomStringConvertible {
  case format
  case uppercase(String)
  case looksLikeID(String)
  case tooLong

  public var description: String {
    switch self {
    case .format: "invalid reference format"
    case .uppercase(let name): "invalid reference format: repository name (\(name)) must be lowercase"
    case .looksLikeID(let name):
      "invalid repository name (\(name)), cannot specify 64-byte hexadecimal strings"
    case .tooLong: "repository name must not be more than 255 characters"
    }
  }
}
