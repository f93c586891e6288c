import Protobuf

/// moby.buildkit.v1.frontend.SolveRequest
public struct FrontendSolveRequest: ProtobufReadable {
  public var hasDefinition = false
  public var frontend = ""
  public var options: [String: String] = [:]
  public var allowsResult = false
  public var allowsResultArray = false
  /// The names of contexts that are steps of the caller's own making (LLB).
  public var inputs: [String] = []
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: hasDefinition = !value.slice.isEmpty
    case 2: frontend = value.text
    case 3: try options.take(value)
    case 5: allowsResult = value.flag
    case 6: allowsResultArray = value.flag
    case 13: inputs.append(try MapEntry(protobuf: value.slice).key)
    default: break
    }
  }
}

/// moby.buildkit.v1.frontend.Result: one reference, or none.
public struct FrontendResult: ProtobufMessage {
  /// How the reference is written: as clients before BuildKit 0.7 want it, or in a message of its own.
  public var isOld = false
  public var ref = ""
  public var metadata: [String: String] = [:]
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1:
      isOld = true
      ref = value.text
    case 3: ref = try RefRequest(protobuf: value.slice).ref
    case 10: try metadata.take(value)
    default: break
    }
  }

  public func write(to writer: inout ProtobufWriter) {
    if isOld {
      writer.always(1, ref.utf8)
    } else {
      var message = RefRequest()
      message.ref = ref
      writer.message(3, message)
    }
    writer.map(10, metadata)
  }
}

/// moby.buildkit.v1.frontend.SolveResponse
public struct FrontendSolveResponse: ProtobufWritable {
  public var ref = ""
  public var result: FrontendResult?
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, ref)
    writer.message(3, result)
  }
}

/// moby.buildkit.v1.frontend.ReturnRequest
public struct ReturnRequest<Failure: ProtobufReadable>: ProtobufReadable {
  public var result: FrontendResult?
  public var error: Failure?
  public init() {}

  public mutating func take(_ field: Int, _ value: ProtobufReader.Value) throws(ProtobufError) {
    switch field {
    case 1: result = try FrontendResult(protobuf: value.slice)
    case 2: error = try Failure(protobuf: value.slice)
    default: break
    }
  }
}

/// moby.buildkit.v1.frontend.ResolveImageConfigResponse
public struct ResolveImageResponse: ProtobufWritable {
  public var digest = ""
  public var config: [UInt8] = []
  public var ref = ""
  public init() {}

  public func write(to writer: inout ProtobufWriter) {
    writer.text(1, digest)
    writer.bytes(2, config)
    writer.text(3, ref)
  }
}
