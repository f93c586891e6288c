import Linux

/// One member of a tar archive: everything but its contents.
public struct TarEntry: Hashable, Sendable {
  public enum Kind: Hashable, Sendable {
    case file
    case directory
    /// Another name of a member that came before.
    case hardLink(target: [UInt8])
    case symbolicLink(target: [UInt8])
    case characterDevice(major: UInt32, minor: UInt32)
    case blockDevice(major: UInt32, minor: UInt32)
    case fifo
  }

  /// As the archive writes it: any bytes, maybe with `./` before or `/` behind.
  public var path: [UInt8]
  public var kind: Kind
  /// The permission bits, 0 to 0o7777.
  public var mode: UInt32
  public var uid: UInt32
  public var gid: UInt32
  /// Bytes of contents that follow.
  public var size: UInt64
  public var modified: TarTime
  /// Extended attributes, as pax's SCHILY.xattr records give them.
  public var attributes: [TarAttribute]

  public init(
    path: [UInt8], kind: Kind, mode: UInt32, uid: UInt32 = 0, gid: UInt32 = 0, size: UInt64 = 0,
    modified: TarTime = TarTime(seconds: 0), attributes: [TarAttribute] = []
  ) {
    self.path = path
    self.kind = kind
    self.mode = mode
    self.uid = uid
    self.gid = gid
    self.size = size
    self.modified = modified
    self.attributes = attributes
  }

  public init(
    _ path: String, _ kind: Kind, mode: UInt32, size: UInt64 = 0, modified: TarTime = TarTime(seconds: 0)
  ) {
    self.init(path: Array(path.utf8), kind: kind, mode: mode, size: size, modified: modified)
  }

  /// The path as text, for messages and for names that are text; what is no UTF-8 is replaced.
  public var pathText: String { String(decoding: path, as: UTF8.self) }

  /// The path's components without empty ones and `.`; `..` stands as it is.
  public var components: [ArraySlice<UInt8>] { TarPath.components(path[...]) }
}

/// A moment since 1970-01-01T00:00:00Z.
public struct TarTime: Hashable, Sendable {
  public var seconds: Int64
  /// 0 to 999,999,999, counted forwards also before 1970.
  public var nanoseconds: UInt32

  public init(seconds: Int64, nanoseconds: UInt32 = 0) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
  }

  /// A file's.
  public init(_ time: FileTime) { self.init(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}

extension FileTime {
  /// A member's, for the file that it becomes.
  public init(_ time: TarTime) { self.init(seconds: time.seconds, nanoseconds: time.nanoseconds) }
}

/// A name and value of xattr(7).
public struct TarAttribute: Hashable, Sendable {
  public var name: String
  public var value: [UInt8]

  public init(name: String, value: [UInt8]) {
    self.name = name
    self.value = value
  }
}

/// Paths as archives write them.
public enum TarPath {
  /// The parts between slashes without empty ones and `.`.
  public static func components(_ path: ArraySlice<UInt8>) -> [ArraySlice<UInt8>] {
    path.split(separator: UInt8(ascii: "/")).filter { $0 != [UInt8(ascii: ".")] }
  }
}
