import Protobuf

/// moby.buildkit.v1.types.BuildkitVersion
public struct BuildKitVersion: ProtobufMessage {
  public var package = ""
  public var version = ""
  public var revision = ""
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: package = value.text
    case 2: version = value.text
    case 3: revision = value.text
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, package)
    writer.text(2, version)
    writer.text(3, revision)
  }
}

/// moby.buildkit.v1.InfoResponse
public struct InfoResponse: ProtobufMessage {
  public var version = BuildKitVersion()
  public init() {}
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    if field == 1 { version = try BuildKitVersion(protobuf: value.slice) }
  }
  public func write(to writer: inout ProtobufWriter) { writer.message(1, version) }
}

/// pb.Platform
public struct BuildPlatform: ProtobufMessage, Equatable {
  public var architecture = ""
  public var os = ""
  public var variant = ""
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: architecture = value.text
    case 2: os = value.text
    case 3: variant = value.text
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, architecture)
    writer.text(2, os)
    writer.text(3, variant)
  }
}

/// moby.buildkit.v1.types.WorkerRecord
public struct WorkerRecord: ProtobufMessage {
  public var id = ""
  public var labels: [String: String] = [:]
  public var platforms: [BuildPlatform] = []
  public var version = BuildKitVersion()
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: id = value.text
    case 2: try labels.take(value)
    case 3: platforms.append(try BuildPlatform(protobuf: value.slice))
    case 5: version = try BuildKitVersion(protobuf: value.slice)
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.map(2, labels)
    for platform in platforms { writer.message(3, platform) }
    writer.message(5, version)
  }
}

/// moby.buildkit.v1.ListWorkersResponse
public struct ListWorkersResponse: ProtobufMessage {
  public var records: [WorkerRecord] = []
  public init() {}
  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    if field == 1 { records.append(try WorkerRecord(protobuf: value.slice)) }
  }
  public func write(to writer: inout ProtobufWriter) { for record in records { writer.message(1, record) } }
}

/// moby.buildkit.v1.apicaps.APICap
public struct Capability: ProtobufMessage {
  public var id = ""
  public var isEnabled = false
  public init() {}
  public init(_ id: String) {
    self.id = id
    isEnabled = true
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: id = value.text
    case 2: isEnabled = value.flag
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.flag(2, isEnabled)
  }
}

/// moby.buildkit.v1.frontend.PongResponse
public struct PongResponse: ProtobufMessage {
  public var frontendCapabilities: [Capability] = []
  public var stepCapabilities: [Capability] = []
  public var workers: [WorkerRecord] = []
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: frontendCapabilities.append(try Capability(protobuf: value.slice))
    case 2: stepCapabilities.append(try Capability(protobuf: value.slice))
    case 3: workers.append(try WorkerRecord(protobuf: value.slice))
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    for capability in frontendCapabilities { writer.message(1, capability) }
    for capability in stepCapabilities { writer.message(2, capability) }
    for worker in workers { writer.message(3, worker) }
  }
}
