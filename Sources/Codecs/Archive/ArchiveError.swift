/// Why bytes are no archive that can be read.
public enum ArchiveError: Error, Equatable, Sendable, CustomStringConvertible {
  case truncated
  case checksum(offset: UInt64)
  case number(field: String, offset: UInt64)
  case extendedHeader(String)
  case sparse(path: String)
  case entryType(UInt8, path: String)
  case tooLarge(String)
  case zip(String)

  public var description: String {
    switch self {
    case .truncated: "tar: unexpected end of archive"
    case .checksum(let offset): "tar: no valid header at byte \(offset)"
    case .number(let field, let offset):
      "tar: invalid number in field \(field) of the header at byte \(offset)"
    case .extendedHeader(let why): "tar: invalid extended header: \(why)"
    case .sparse(let path): "tar: \(path) is stored sparse, which is not supported; write it without --sparse"
    case .entryType(let type, let path):
      "tar: \(path) is of unknown type '\(String(UnicodeScalar(type)))'"
    case .tooLarge(let what): "archive: \(what)"
    case .zip(let why): "zip: \(why)"
    }
  }
}
