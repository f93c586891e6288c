import Protobuf

/// moby.buildkit.v1.UsageRecord
public struct UsageRecord: ProtobufWritable {
  public var id = ""
  public var isMutable = false
  public var isInUse = false
  public var size: Int64 = 0
  public var created: ProtobufTime?
  public var lastUsed: ProtobufTime?
  public var usageCount: Int64 = 0
  public var description = ""
  public var recordType = ""
  public var isShared = false
  public var parents: [String] = []
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.flag(2, isMutable)
    writer.flag(3, isInUse)
    writer.number(4, size)
    writer.message(6, created)
    writer.message(7, lastUsed)
    writer.number(8, usageCount)
    writer.text(9, description)
    writer.text(10, recordType)
    writer.flag(11, isShared)
    writer.texts(12, parents)
  }
}

/// moby.buildkit.v1.DiskUsageResponse
public struct DiskUsageResponse: ProtobufWritable {
  public var records: [UsageRecord] = []
  public init() {}
  public func write(to writer: inout ProtobufWriter) { for record in records { writer.message(1, record) } }
}

/// moby.buildkit.v1.PruneRequest, and DiskUsageRequest, which has its first field.
public struct PruneRequest: ProtobufReadable {
  /// Conditions in containerd's grammar, commas between those that must all hold: `id~=ab,type==regular,shared`.
  public var filters: [String] = []
  public var all = false
  /// Nanoseconds for which an entry must not have been used.
  public var keepDuration: Int64 = 0
  /// Bytes.
  public var reservedSpace: Int64 = 0
  public var maximumSpace: Int64 = 0
  public var minimumFree: Int64 = 0
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: filters.append(value.text)
    case 2: all = value.flag
    case 3: keepDuration = value.signed
    case 4: reservedSpace = value.signed
    case 5: maximumSpace = value.signed
    case 6: minimumFree = value.signed
    default: break
    }
  }
}
