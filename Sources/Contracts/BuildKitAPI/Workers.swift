import Protobuf

/// moby.buildkit.v1.types.BuildkitVersion
public struct BuildKitVersion: ProtobufWritable {
  public var package = ""
  public var version = ""
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, package)
    writer.text(2, version)
  }
}

/// moby.buildkit.v1.InfoResponse
public struct InfoResponse: ProtobufWritable {
  public var version = BuildKitVersion()
  public init() {}
  public func write(to writer: inout ProtobufWriter) { writer.message(1, version) }
}

/// pb.Platform
public struct BuildPlatform: ProtobufWritable, Equatable {
  public var architecture = ""
  public var os = ""
  public var variant = ""
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, architecture)
    writer.text(2, os)
    writer.text(3, variant)
  }
}

/// moby.buildkit.v1.types.WorkerRecord
public struct WorkerRecord: ProtobufWritable {
  public var id = ""
  public var labels: [String: String] = [:]
  public var platforms: [BuildPlatform] = []
  public var version = BuildKitVersion()
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.map(2, labels)
    for platform in platforms { writer.message(3, platform) }
    writer.message(5, version)
  }
}

/// moby.buildkit.v1.ListWorkersResponse
public struct ListWorkersResponse: ProtobufWritable {
  public var records: [WorkerRecord] = []
  public init() {}
  public func write(to writer: inout ProtobufWriter) { for record in records { writer.message(1, record) } }
}

/// moby.buildkit.v1.apicaps.APICap
public struct Capability: ProtobufWritable {
  public var id: String
  public var isEnabled = true
  public init(_ id: String) { self.id = id }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.flag(2, isEnabled)
  }
}

/// moby.buildkit.v1.frontend.PongResponse
public struct PongResponse: ProtobufWritable {
  public var frontendCapabilities: [Capability] = []
  public var workers: [WorkerRecord] = []
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    for capability in frontendCapabilities { writer.message(1, capability) }
    for worker in workers { writer.message(3, worker) }
  }
}
