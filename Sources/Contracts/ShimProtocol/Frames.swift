/// The types of frames.
public enum ShimFrame: UInt8, Sendable {
  case request = 1, reply, event
  case input = 16, output, errorOutput, endOfInput
  /// The attached or executed process has ended: its exit code, 4 bytes, big endian.
  case exited
}

/// Frames to bytes: type (1 byte), length of the payload (4 bytes, big endian), payload.
public enum ShimFrames {
  /// No payload is longer: requests with a long environment fit, and a stranger cannot make the other side hoard.
  public static let maximumPayload = 4 << 20
  static let headerSize = 5

  public static func encode(_ type: ShimFrame, _ payload: some Collection<UInt8>) -> [UInt8] {
    let length = UInt32(payload.count)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(headerSize + payload.count)
    bytes.append(type.rawValue)
    for shift in [24, 16, 8, 0] as [UInt32] { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
    bytes += payload
    return bytes
  }
}

/// What a peer sent is no frame; the connection is of no more use.
public enum ShimFrameError: Error, Equatable, Sendable, CustomStringConvertible {
  case unknownType(UInt8)
  case tooLong(Int)

  public var description: String {
    switch self {
    case .unknownType(let type): "unknown frame type \(type)"
    case .tooLong(let length): "a frame of \(length) bytes, more than \(ShimFrames.maximumPayload)"
    }
  }
}

/// Bytes, as they arrive in any portions, to frames. Holds at most one unfinished frame besides what was appended.
public struct ShimFrameDecoder: Sendable {
  private var buffer: [UInt8] = []
  private var start = 0
  private let limit: Int

  /// Frames with a payload above `limit` bytes are refused as soon as their header is seen.
  public init(limit: Int = ShimFrames.maximumPayload) { self.limit = limit }

  /// How many bytes wait for the rest of their frame, or to be taken.
  public var pending: Int { buffer.count - start }

  public mutating func append(_ bytes: [UInt8]) {
    if start > 0 {
      buffer.removeSubrange(..<start)
      start = 0
    }
    buffer += bytes
  }

  /// The next whole frame; nil while its bytes have not all come.
  public mutating func next() throws(ShimFrameError) -> (type: ShimFrame, payload: [UInt8])? {
    guard pending >= ShimFrames.headerSize else { return nil }
    guard let type = ShimFrame(rawValue: buffer[start]) else { throw .unknownType(buffer[start]) }
    let length = buffer[(start + 1)..<(start + 5)].reduce(0) { $0 << 8 | Int($1) }
    guard length <= limit else { throw .tooLong(length) }
    guard pending >= ShimFrames.headerSize + length else { return nil }
    let body = start + ShimFrames.headerSize
    start = body + length
    return (type, Array(buffer[body..<start]))
  }
}
