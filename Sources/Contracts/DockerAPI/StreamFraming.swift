/// The frames of attach, logs and exec without a terminal: stream (1 byte), three zeros, length (4 bytes, big
/// endian), payload. (Docker Engine API, "Stream format".)
public enum StreamFraming {
  public enum Stream: UInt8, Sendable { case stdin = 0, stdout, stderr, systemError }

  public static let multiplexed = "application/vnd.docker.multiplexed-stream"
  public static let raw = "application/vnd.docker.raw-stream"

  /// The payload with its header in front.
  public static func frame(_ stream: Stream, _ payload: some Collection<UInt8>) -> [UInt8] {
    let count = UInt32(payload.count)
    var bytes: [UInt8] = [stream.rawValue, 0, 0, 0]
    bytes.reserveCapacity(8 + payload.count)
    bytes += [UInt8(count >> 24), UInt8(count >> 16 & 0xff), UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
    bytes += payload
    return bytes
  }
}

/// Takes frames apart again, whatever the pieces they arrive in.
public struct StreamDemultiplexer: Sendable {
  public struct Malformed: Error, Sendable { public let streamNumber: UInt8 }

  private var buffer: [UInt8] = []

  public init() {}

  /// The complete payloads that `bytes` finishes; a payload may be handed out in parts.
  public mutating func feed(_ bytes: [UInt8]) throws(Malformed) -> [(StreamFraming.Stream, [UInt8])] {
    buffer += bytes
    var found: [(StreamFraming.Stream, [UInt8])] = []
    var start = 0
    while buffer.count - start >= 8 {
      guard let stream = StreamFraming.Stream(rawValue: buffer[start]) else {
        throw Malformed(streamNumber: buffer[start])
      }
      let count = buffer[(start + 4)..<(start + 8)].reduce(0) { $0 << 8 | Int($1) }
      guard buffer.count - start - 8 >= count else { break }
      found.append((stream, Array(buffer[(start + 8)..<(start + 8 + count)])))
      start += 8 + count
    }
    buffer.removeFirst(start)
    return found
  }
}
