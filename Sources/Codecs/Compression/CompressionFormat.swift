/// How a stream is compressed, told by its first bytes.
public enum CompressionFormat: Sendable {
  case none, gzip, zstd, bzip2, xz

  /// How many bytes `init(start:)` wants to see.
  public static let magicLength = 6

  /// `start` is the beginning of the stream; a shorter one than `magicLength` is the whole stream.
  public init(start: [UInt8]) {
    if start.starts(with: [0x1f, 0x8b]) {
      self = .gzip
    } else if start.starts(with: [0x28, 0xb5, 0x2f, 0xfd]) || Self.isSkippableFrame(start) {
      self = .zstd
    } else if start.starts(with: Array("BZh".utf8)) {
      self = .bzip2
    } else if start.starts(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
      self = .xz
    } else {
      self = .none
    }
  }

  /// Zstandard's frames of user data (RFC 8878, 3.1.2) may stand first.
  private static func isSkippableFrame(_ start: [UInt8]) -> Bool {
    start.count >= 4 && start[0] & 0xf0 == 0x50 && start[1] == 0x2a && start[2] == 0x4d && start[3] == 0x18
  }
}

/// Why compressed bytes cannot be read.
public enum CompressionError: Error, Equatable, Sendable, CustomStringConvertible {
  case truncated
  case corrupt(String)

  public var description: String {
    switch self {
    case .truncated: "unexpected end of compressed data"
    case .corrupt(let why): "corrupt compressed data: \(why)"
    }
  }
}
