import Protobuf

/// fsutil.types.Stat: a file of the client's, with Go's mode bits.
public struct SyncedStat: ProtobufMessage, Equatable {
  public var path = ""
  public var mode: UInt32 = 0
  public var uid: UInt32 = 0
  public var gid: UInt32 = 0
  public var size: Int64 = 0
  /// Nanoseconds since 1970.
  public var modified: Int64 = 0
  public var linkName = ""
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: path = value.text
    case 2: mode = UInt32(truncatingIfNeeded: value.number)
    case 3: uid = UInt32(truncatingIfNeeded: value.number)
    case 4: gid = UInt32(truncatingIfNeeded: value.number)
    case 5: size = value.signed
    case 6: modified = value.signed
    case 7: linkName = value.text
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, path)
    writer.number(2, UInt64(mode))
    writer.number(3, UInt64(uid))
    writer.number(4, UInt64(gid))
    writer.number(5, size)
    writer.number(6, modified)
    writer.text(7, linkName)
  }

  /// Go's os.FileMode.
  public enum Kind: Sendable, Equatable { case file, directory, symbolicLink, other }

  public var kind: Kind {
    if mode & 1 << 31 != 0 { return .directory }
    if mode & 1 << 27 != 0 { return .symbolicLink }
    // Devices, pipes, sockets and what Go cannot name.
    return mode & (1 << 26 | 1 << 25 | 1 << 24 | 1 << 21 | 1 << 19) != 0 ? .other : .file
  }

  /// The bits of chmod(2).
  public var permissions: UInt32 {
    var bits = mode & 0o777
    if mode & 1 << 23 != 0 { bits |= 0o4000 }
    if mode & 1 << 22 != 0 { bits |= 0o2000 }
    if mode & 1 << 20 != 0 { bits |= 0o1000 }
    return bits
  }
}

/// fsutil.types.Packet
public struct SyncPacket: ProtobufMessage {
  public enum Kind: UInt64, Sendable { case stat, request, data, finished, failed }

  /// Nil for one that is not known.
  public var kind: Kind? = .stat
  /// Nil in the packet after the last file.
  public var stat: SyncedStat?
  public var id: UInt32 = 0
  public var data: [UInt8] = []
  public init() {}
  public init(_ kind: Kind, id: UInt32 = 0, data: [UInt8] = []) {
    self.kind = kind
    self.id = id
    self.data = data
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: kind = Kind(rawValue: value.number)
    case 2: stat = try SyncedStat(protobuf: value.slice)
    case 3: id = UInt32(truncatingIfNeeded: value.number)
    case 4: data = value.array
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.number(1, kind?.rawValue ?? 0)
    writer.message(2, stat)
    writer.number(3, UInt64(id))
    writer.bytes(4, data)
  }
}

/// moby.filesync.v1.CredentialsRequest
public struct CredentialsRequest: ProtobufWritable {
  public var host: String
  public init(host: String) { self.host = host }
  public func write(to writer: inout ProtobufWriter) { writer.text(1, host) }
}

/// moby.filesync.v1.CredentialsResponse
public struct CredentialsResponse: ProtobufReadable {
  public var user = ""
  public var secret = ""
  public init() {}
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: user = value.text
    case 2: secret = value.text
    default: break
    }
  }
}
