import CNghttp2
import Reactor

/// nghttp2's session with its streams: bytes in, bytes out, no waiting. Only who holds the connection's lock may use it.
final class SessionCore {
  let role: HTTP2Connection.Role
  private(set) var streams: [Int32: StreamRecord] = [:]
  /// Streams that the other side opened and nobody has taken.
  private var accepted: [Int32] = []
  private var session: OpaquePointer?
  /// What may be to be written.
  var outputChanges = Changes()
  private(set) var isOver = false
  /// Whether anything came since this was last set to false.
  var hasHeard = false

  /// Bytes that may be on their way on one stream without having been taken.
  static let window: Int32 = 256 << 10
  static let mostStreams: UInt32 = 100

  init(_ role: HTTP2Connection.Role) throws(HTTP2Error) {
    self.role = role
    session = try Self.makeSession(role, Unmanaged.passUnretained(self).toOpaque())
    let settings = [
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS.rawValue), value: Self.mostStreams),
      nghttp2_settings_entry(
        settings_id: Int32(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE.rawValue), value: UInt32(Self.window)),
    ]
    try check(nghttp2_submit_settings(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), settings, settings.count))
    // Every stream may fill its own window: the connection's stands in nobody's way.
    try check(nghttp2_session_set_local_window_size(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), 0, 1 << 24))
  }

  deinit { nghttp2_session_del(session) }

  private static func makeSession(
    _ role: HTTP2Connection.Role, _ userData: UnsafeMutableRawPointer
  ) throws(HTTP2Error) -> OpaquePointer? {
    var callbacks: OpaquePointer?
    var option: OpaquePointer?
    guard nghttp2_session_callbacks_new(&callbacks) == 0, nghttp2_option_new(&option) == 0 else {
      throw .malformed("no memory")
    }
    defer {
      nghttp2_session_callbacks_del(callbacks)
      nghttp2_option_del(option)
    }
    SessionCallbacks.install(callbacks)
    // Room is given back as the bytes are taken, so that a slow reader slows its sender down.
    nghttp2_option_set_no_auto_window_update(option, 1)
    var session: OpaquePointer?
    let made =
      role == .server
      ? nghttp2_session_server_new2(&session, callbacks, userData, option)
      : nghttp2_session_client_new2(&session, callbacks, userData, option)
    guard made == 0 else { throw .of(Int(made)) }
    return session
  }

  private func check(_ code: CInt) throws(HTTP2Error) { if code < 0 { throw .of(Int(code)) } }

  // MARK: bytes

  func receive(_ bytes: [UInt8]) throws(HTTP2Error) {
    hasHeard = true
    let count = bytes.withUnsafeBufferPointer { nghttp2_session_mem_recv(session, $0.baseAddress, $0.count) }
    outputChanges.tell()
    guard count >= 0 else { throw .of(count) }
  }

  /// What is to be written now; empty when there is nothing.
  func output() throws(HTTP2Error) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < 64 << 10 {
      var piece: UnsafePointer<UInt8>?
      let count = nghttp2_session_mem_send(session, &piece)
      guard count >= 0 else { throw .of(count) }
      guard count > 0, let piece else { break }
      bytes += UnsafeBufferPointer(start: piece, count: count)
    }
    return bytes
  }

  /// Whether either side may still say something.
  var isAlive: Bool {
    !isOver && (nghttp2_session_want_read(session) != 0 || nghttp2_session_want_write(session) != 0)
  }

  func ping() throws(HTTP2Error) {
    try check(nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil))
    outputChanges.tell()
  }

  /// Nothing more comes or goes: all streams end.
  func end() {
    isOver = true
    for record in streams.values {
      if record.closeCode == nil { record.closeCode = HTTP2Error.cancelCode }
      record.changes.tell()
    }
    streams = streams.filter(\.value.isHeld)
    outputChanges.tell()
  }

  // MARK: streams

  /// The streams that the other side has opened since the last question; they are in hand from here on.
  func takeAccepted() -> [Int32] {
    defer { accepted = [] }
    let fresh = accepted.filter { streams[$0] != nil }
    for id in fresh { streams[id]?.isHeld = true }
    return fresh
  }

  func letGo(_ id: Int32) {
    guard let record = streams[id] else { return }
    record.isHeld = false
    guard record.closeCode == nil else {
      streams[id] = nil
      return
    }
    // What cannot be reset is over already. RFC 9113 section 8.1: who has answered whole needs no more of the question.
    try? reset(id, code: record.hasSaidAll ? HTTP2Error.noErrorCode : HTTP2Error.cancelCode)
  }

  func open(_ headers: [HeaderField]) throws(HTTP2Error) -> Int32 {
    guard isAlive, nghttp2_session_check_request_allowed(session) != 0 else { throw .gone }
    guard streams.count < Int(Self.mostStreams) else { throw .busy }
    var provider = SessionCallbacks.provider
    let id = Self.with(headers) { nghttp2_submit_request(session, nil, $0, $1, &provider, nil) }
    guard id > 0 else { throw .of(Int(id)) }
    let record = StreamRecord()
    record.isHeld = true
    streams[id] = record
    outputChanges.tell()
    return id
  }

  func respond(_ id: Int32, _ headers: [HeaderField], isWhole: Bool) throws(HTTP2Error) {
    var provider = SessionCallbacks.provider
    let code = Self.with(headers) { fields, count in
      isWhole
        ? nghttp2_submit_response(session, id, fields, count, nil)
        : nghttp2_submit_response(session, id, fields, count, &provider)
    }
    try check(code)
    outputChanges.tell()
  }

  /// There is more to send on the stream, or its end.
  func resume(_ id: Int32) {
    // A stream that did not wait for more needs not be told.
    _ = nghttp2_session_resume_data(session, id)
    outputChanges.tell()
  }

  func reset(_ id: Int32, code: UInt32) throws(HTTP2Error) {
    try check(nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), id, code))
    outputChanges.tell()
  }

  /// The stream's bytes were taken: as many may come again.
  func consumed(_ count: Int, of id: Int32) {
    guard count > 0 else { return }
    // The stream may be over meanwhile.
    _ = nghttp2_session_consume_stream(session, id, count)
    outputChanges.tell()
  }

  // MARK: what nghttp2 tells

  func began(_ id: Int32) { if role == .server { streams[id] = StreamRecord() } }

  func headersEnded(_ id: Int32) {
    guard let record = streams[id] else { return }
    if !record.headersAreComplete, role == .server { accepted.append(id) }
    record.headersAreComplete = true
    record.changes.tell()
  }

  func ended(_ id: Int32) {
    streams[id]?.isEnded = true
    streams[id]?.changes.tell()
  }

  func saidAll(_ id: Int32) {
    streams[id]?.hasSaidAll = true
    streams[id]?.changes.tell()
  }

  func came(_ bytes: UnsafeBufferPointer<UInt8>, on id: Int32) {
    // What the streams hold is bounded by their own windows.
    _ = nghttp2_session_consume_connection(session, bytes.count)
    guard let record = streams[id] else { return }
    record.incoming += bytes
    record.changes.tell()
  }

  func closed(_ id: Int32, code: UInt32) {
    guard let record = streams[id] else { return }
    record.closeCode = code
    record.changes.tell()
    if !record.isHeld { streams[id] = nil }
  }

  /// The fields in nghttp2's form, which it copies.
  static func with<Value>(
    _ fields: [HeaderField], _ body: (UnsafePointer<nghttp2_nv>, Int) -> Value
  ) -> Value {
    let texts = fields.map { (Array($0.name.utf8), Array($0.value.utf8)) }
    var storage: [UInt8] = []
    for (name, value) in texts { storage += name + value }
    // Something must stand there even if all values are empty.
    storage.append(0)
    return storage.withUnsafeMutableBufferPointer { storage in
      var pairs: [nghttp2_nv] = []
      var next = storage.baseAddress
      for (name, value) in texts {
        pairs.append(
          nghttp2_nv(
            name: next, value: next?.advanced(by: name.count), namelen: name.count, valuelen: value.count,
            flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue)))
        next = next?.advanced(by: name.count + value.count)
      }
      return pairs.withUnsafeBufferPointer { pairs in
        guard let first = pairs.baseAddress else { preconditionFailure("a head without fields") }
        return body(first, pairs.count)
      }
    }
  }
}
