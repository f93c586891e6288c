import Protobuf

/// An exporter or a cache, by its type and attributes: moby.buildkit.v1.Exporter, CacheOptionsEntry.
public struct TypedAttributes: ProtobufReadable, Equatable {
  public var type = ""
  public var attributes: [String: String] = [:]
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: type = value.text
    case 2: try attributes.take(value)
    default: break
    }
  }
}

/// moby.buildkit.v1.CacheOptions
public struct CacheOptions: ProtobufReadable {
  public var exports: [TypedAttributes] = []
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    if field == 4 { exports.append(try TypedAttributes(protobuf: value.slice)) }
  }
}

/// moby.buildkit.v1.SolveRequest
public struct SolveRequest: ProtobufReadable {
  public var ref = ""
  /// Whether steps of the caller's own making (LLB) stand in it.
  public var hasDefinition = false
  public var session = ""
  public var frontend = ""
  public var frontendAttributes: [String: String] = [:]
  public var cache = CacheOptions()
  public var exporters: [TypedAttributes] = []
  private var olderExporter = TypedAttributes()
  public init() {}

  /// What the result becomes, as clients of any age say it.
  public var allExporters: [TypedAttributes] {
    exporters.isEmpty && !olderExporter.type.isEmpty ? [olderExporter] : exporters
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: ref = value.text
    case 2: hasDefinition = !value.slice.isEmpty
    case 3: olderExporter.type = value.text
    case 4: try olderExporter.attributes.take(value)
    case 5: session = value.text
    case 6: frontend = value.text
    case 7: try frontendAttributes.take(value)
    case 8: cache = try CacheOptions(protobuf: value.slice)
    case 10: hasDefinition = true
    case 13: exporters.append(try TypedAttributes(protobuf: value.slice))
    default: break
    }
  }
}

/// moby.buildkit.v1.SolveResponse
public struct SolveResponse: ProtobufWritable {
  public var exporterResponse: [String: String] = [:]
  public init() {}
  public func write(to writer: inout ProtobufWriter) { writer.map(1, exporterResponse) }
}

/// moby.buildkit.v1.StatusRequest, frontend.ResolveImageConfigRequest and others whose first field is a reference.
public struct RefRequest: ProtobufMessage {
  public var ref = ""
  public init() {}
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    if field == 1 { ref = value.text }
  }
  public func write(to writer: inout ProtobufWriter) { writer.text(1, ref) }
}

/// moby.buildkit.v1.BytesMessage and its namesakes.
public struct BytesMessage: ProtobufMessage {
  public var data: [UInt8] = []
  public init() {}
  public init(_ data: [UInt8]) { self.data = data }
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    if field == 1 { data = value.array }
  }
  public func write(to writer: inout ProtobufWriter) { writer.bytes(1, data) }
}

/// grpc.health.v1.HealthCheckResponse
public struct HealthCheckResponse: ProtobufWritable {
  /// SERVING
  public static let serving: UInt64 = 1
  public var status: UInt64
  public init(_ status: UInt64) { self.status = status }
  public func write(to writer: inout ProtobufWriter) { writer.number(1, status) }
}
