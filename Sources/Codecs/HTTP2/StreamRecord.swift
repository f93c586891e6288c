import Reactor

/// What is known of one stream. Only who holds the connection's lock may look.
final class StreamRecord {
  var headers: [HeaderField] = []
  var trailers: [HeaderField] = []
  var headersAreComplete = false
  /// The other side has said all.
  var isEnded = false
  /// Our side's end is on its way.
  var hasSaidAll = false
  /// Nothing more will happen on it; the code of RFC 9113 section 7, 0 for none.
  var closeCode: UInt32?
  /// Somebody has the stream in hand: it is forgotten when that one lets go.
  var isHeld = false

  var incoming: [UInt8] = []
  var outgoing: [UInt8] = []
  private var sent = 0
  var sendsNoMore = false
  var trailersToSend: [HeaderField]?
  private var headerBytes = 0
  /// Everything above, as who has the stream in hand sees it.
  var changes = Changes()

  /// Room for headers and trailers together.
  static let mostHeaderBytes = 256 << 10

  /// False when it is too much.
  func add(_ field: HeaderField) -> Bool {
    headerBytes += field.name.utf8.count + field.value.utf8.count + 32
    guard headerBytes <= Self.mostHeaderBytes else { return false }
    if headersAreComplete { trailers.append(field) } else { headers.append(field) }
    return true
  }

  /// What has come and nobody has taken.
  func takeIncoming() -> [UInt8] {
    defer { incoming = [] }
    return incoming
  }

  var unsentCount: Int { outgoing.count - sent }

  /// Gives the next bytes to go out, at most `count`.
  func takeOutgoing(upTo count: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Void) -> Int {
    let length = min(count, unsentCount)
    outgoing.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[sent..<sent + length])) }
    sent += length
    if sent == outgoing.count {
      outgoing = []
      sent = 0
    }
    return length
  }
}
