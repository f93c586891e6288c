import Protobuf

/// google.protobuf.Timestamp
public struct ProtobufTime: ProtobufMessage, Equatable {
  public var seconds: Int64 = 0
  public var nanoseconds: Int64 = 0
  public init() {}
  /// - Parameter nanoseconds: since 1970.
  public init(nanoseconds time: Int64) {
    seconds = time / 1_000_000_000
    nanoseconds = time % 1_000_000_000
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: seconds = value.signed
    case 2: nanoseconds = value.signed
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.number(1, seconds)
    writer.number(2, nanoseconds)
  }
}

/// moby.buildkit.v1.Vertex: a step of a build, as it stands now.
public struct Vertex: ProtobufMessage {
  public var digest = ""
  public var inputs: [String] = []
  public var name = ""
  public var isCached = false
  public var started: ProtobufTime?
  public var completed: ProtobufTime?
  public var error = ""
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: digest = value.text
    case 2: inputs.append(value.text)
    case 3: name = value.text
    case 4: isCached = value.flag
    case 5: started = try ProtobufTime(protobuf: value.slice)
    case 6: completed = try ProtobufTime(protobuf: value.slice)
    case 7: error = value.text
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, digest)
    writer.texts(2, inputs)
    writer.text(3, name)
    writer.flag(4, isCached)
    writer.message(5, started)
    writer.message(6, completed)
    writer.text(7, error)
  }
}

/// moby.buildkit.v1.VertexStatus: how far one part of a step is.
public struct VertexStatus: ProtobufMessage {
  public var id = ""
  public var vertex = ""
  public var name = ""
  public var current: Int64 = 0
  public var total: Int64 = 0
  public var timestamp: ProtobufTime?
  public var started: ProtobufTime?
  public var completed: ProtobufTime?
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: id = value.text
    case 2: vertex = value.text
    case 3: name = value.text
    case 4: current = value.signed
    case 5: total = value.signed
    case 6: timestamp = try ProtobufTime(protobuf: value.slice)
    case 7: started = try ProtobufTime(protobuf: value.slice)
    case 8: completed = try ProtobufTime(protobuf: value.slice)
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, id)
    writer.text(2, vertex)
    writer.text(3, name)
    writer.number(4, current)
    writer.number(5, total)
    writer.message(6, timestamp)
    writer.message(7, started)
    writer.message(8, completed)
  }
}

/// moby.buildkit.v1.VertexLog: what a step's process said.
public struct VertexLog: ProtobufMessage {
  public var vertex = ""
  public var timestamp: ProtobufTime?
  /// 1 for standard output, 2 for standard error.
  public var stream: Int64 = 0
  public var message: [UInt8] = []
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: vertex = value.text
    case 2: timestamp = try ProtobufTime(protobuf: value.slice)
    case 3: stream = value.signed
    case 4: message = value.array
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, vertex)
    writer.message(2, timestamp)
    writer.number(3, stream)
    writer.bytes(4, message)
  }
}

/// moby.buildkit.v1.VertexWarning
public struct VertexWarning: ProtobufMessage {
  public var vertex = ""
  public var level: Int64 = 0
  public var short: [UInt8] = []
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) {
    switch field {
    case 1: vertex = value.text
    case 2: level = value.signed
    case 3: short = value.array
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, vertex)
    writer.number(2, level)
    writer.bytes(3, short)
  }
}

/// moby.buildkit.v1.StatusResponse
public struct StatusResponse: ProtobufMessage {
  public var vertices: [Vertex] = []
  public var statuses: [VertexStatus] = []
  public var logs: [VertexLog] = []
  public var warnings: [VertexWarning] = []
  public init() {}
  public init(
    vertices: [Vertex] = [], statuses: [VertexStatus] = [], logs: [VertexLog] = [],
    warnings: [VertexWarning] = []
  ) {
    self.vertices = vertices
    self.statuses = statuses
    self.logs = logs
    self.warnings = warnings
  }

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: vertices.append(try Vertex(protobuf: value.slice))
    case 2: statuses.append(try VertexStatus(protobuf: value.slice))
    case 3: logs.append(try VertexLog(protobuf: value.slice))
    case 4: warnings.append(try VertexWarning(protobuf: value.slice))
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    for vertex in vertices { writer.message(1, vertex) }
    for status in statuses { writer.message(2, status) }
    for log in logs { writer.message(3, log) }
    for warning in warnings { writer.message(4, warning) }
  }
}
