/// What a WebSocket client sent, as bytes arrive in any portions (RFC 6455, section 5). Holds nothing but an unfinished
/// header or control frame, 125 bytes at most.
public struct WebSocketDecoder: Sendable {
  public enum Event: Sendable, Equatable {
    /// Some of a text or binary message; where messages begin and end is not told.
    case data([UInt8])
    case ping([UInt8])
    case close
  }

  private struct Header {
    var opcode: UInt8
    var length: UInt64
    var mask: [UInt8]
    var isControl: Bool { opcode >= 8 }
  }

  private var pending: [UInt8] = []
  private var header: Header?
  /// Of the current frame, what has been taken.
  private var taken: UInt64 = 0
  /// The client has said goodbye: nothing more comes.
  public private(set) var isClosed = false

  public init() {}

  /// Throws `HTTPError` for what no client may send; the connection is of no more use then.
  public mutating func decode(_ bytes: [UInt8]) throws(HTTPError) -> [Event] {
    pending += bytes
    var events: [Event] = []
    while !isClosed, let event = try next() {
      if let event = event { events.append(event) }
    }
    return events
  }

  /// nil where more bytes are needed; a step without an event is nil inside.
  private mutating func next() throws(HTTPError) -> Event?? {
    guard let current = header else {
      guard let (found, size) = try Self.header(pending) else { return nil }
      pending.removeFirst(size)
      header = found
      taken = 0
      return .some(nil)
    }
    return current.isControl ? control(current) : data(current)
  }

  private mutating func data(_ current: Header) -> Event?? {
    let left = current.length - taken
    if left == 0 {
      header = nil
      return .some(nil)
    }
    if pending.isEmpty { return nil }
    let count = Int(min(left, UInt64(pending.count)))
    let piece = unmasked(pending.prefix(count), current.mask)
    pending.removeFirst(count)
    taken += UInt64(count)
    return .data(piece)
  }

  private mutating func control(_ current: Header) -> Event?? {
    let count = Int(current.length)
    guard pending.count >= count else { return nil }
    let payload = unmasked(pending.prefix(count), current.mask)
    pending.removeFirst(count)
    header = nil
    switch current.opcode {
    case 8:
      isClosed = true
      return .close
    case 9: return .ping(payload)
    default: return .some(nil)
    }
  }

  private func unmasked(_ bytes: ArraySlice<UInt8>, _ mask: [UInt8]) -> [UInt8] {
    let start = Int(taken % 4)
    return bytes.enumerated().map { $1 ^ mask[(start + $0) % 4] }
  }

  /// nil while its bytes have not all come.
  private static func header(_ bytes: [UInt8]) throws(HTTPError) -> (Header, size: Int)? {
    guard bytes.count >= 2 else { return nil }
    let opcode = bytes[0] & 15
    guard bytes[0] & 0x70 == 0, [0, 1, 2, 8, 9, 10].contains(opcode), bytes[1] & 0x80 != 0 else {
      throw HTTPError(400, "no WebSocket frame of a client")
    }
    let short = Int(bytes[1] & 127)
    guard opcode < 8 || short < 126 && bytes[0] & 0x80 != 0 else {
      throw HTTPError(400, "a WebSocket control frame is too long or in pieces")
    }
    let extra = short == 126 ? 2 : short == 127 ? 8 : 0
    let size = 2 + extra + 4
    guard bytes.count >= size else { return nil }
    let long = bytes[2..<(2 + extra)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    let length = extra == 0 ? UInt64(short) : long
    guard length <= UInt64(Int64.max) else { throw HTTPError(400, "a WebSocket frame is too long") }
    return (Header(opcode: opcode, length: length, mask: Array(bytes[(2 + extra)..<size])), size)
  }
}

/// Frames as a server sends them: whole and not masked.
public enum WebSocketFrame: UInt8, Sendable {
  case text = 1
  case binary = 2
  case close = 8
  case pong = 10

  public func encode(_ payload: [UInt8]) -> [UInt8] {
    let count = payload.count
    let head: [UInt8]
    if count < 126 {
      head = [UInt8(count)]
    } else if count < 65536 {
      head = [126, UInt8(count >> 8), UInt8(count & 255)]
    } else {
      head = [127] + (0..<8).reversed().map { UInt8(truncatingIfNeeded: count >> ($0 * 8)) }
    }
    return [0x80 | rawValue] + head + payload
  }
}
