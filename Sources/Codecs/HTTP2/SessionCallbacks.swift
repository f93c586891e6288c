import CNghttp2
import Reactor

/// How nghttp2 calls back. Every call comes out of a call of SessionCore's, so the connection's lock is held.
enum SessionCallbacks {
  static func install(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks) { _, frame, userData in
      guard let frame, let core = sessionCore(userData) else { return 0 }
      if frame.pointee.headers.cat == NGHTTP2_HCAT_REQUEST { core.began(frame.pointee.hd.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_header_callback(callbacks) {
      _, frame, name, nameCount, value, valueCount, _, userData in
      guard let frame, let core = sessionCore(userData), let record = core.streams[frame.pointee.hd.stream_id]
      else { return 0 }
      let field = HeaderField(
        String(decoding: UnsafeBufferPointer(start: name, count: nameCount), as: UTF8.self),
        String(decoding: UnsafeBufferPointer(start: value, count: valueCount), as: UTF8.self))
      return record.add(field) ? 0 : NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue
    }
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks) { _, frame, userData in
      guard let frame, let core = sessionCore(userData) else { return 0 }
      let head = frame.pointee.hd
      let isHeaders = UInt32(head.type) == NGHTTP2_HEADERS.rawValue
      guard isHeaders || UInt32(head.type) == NGHTTP2_DATA.rawValue else { return 0 }
      if isHeaders { core.headersEnded(head.stream_id) }
      if UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 { core.ended(head.stream_id) }
      return 0
    }
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks) { _, frame, userData in
      guard let frame, let core = sessionCore(userData) else { return 0 }
      let head = frame.pointee.hd
      let carries =
        UInt32(head.type) == NGHTTP2_HEADERS.rawValue || UInt32(head.type) == NGHTTP2_DATA.rawValue
      guard carries, UInt32(head.flags) & NGHTTP2_FLAG_END_STREAM.rawValue != 0 else { return 0 }
      core.saidAll(head.stream_id)
      return 0
    }
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks) {
      _, _, id, bytes, count, userData in
      sessionCore(userData)?.came(UnsafeBufferPointer(start: bytes, count: count), on: id)
      return 0
    }
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks) { _, id, code, userData in
      sessionCore(userData)?.closed(id, code: code)
      return 0
    }
  }

  /// Hands out what a stream has to send.
  static var provider: nghttp2_data_provider {
    nghttp2_data_provider(source: nghttp2_data_source()) {
      session, id, buffer, count, flags, _, userData in
      guard let record = sessionCore(userData)?.streams[id] else {
        return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
      }
      let length = record.takeOutgoing(upTo: count) { bytes in
        if let start = bytes.baseAddress, !bytes.isEmpty { buffer?.update(from: start, count: bytes.count) }
      }
      record.changes.tell()
      guard record.unsentCount == 0 else { return length }
      guard record.sendsNoMore else { return length > 0 ? length : Int(NGHTTP2_ERR_DEFERRED.rawValue) }
      flags?.pointee |= NGHTTP2_DATA_FLAG_EOF.rawValue
      if let trailers = record.trailersToSend {
        flags?.pointee |= NGHTTP2_DATA_FLAG_NO_END_STREAM.rawValue
        let code = SessionCore.with(trailers) { nghttp2_submit_trailer(session, id, $0, $1) }
        if code != 0 { return Int(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue) }
      }
      return length
    }
  }
}

/// Outside of any type: a function that C calls captures nothing, not even its type.
private func sessionCore(_ userData: UnsafeMutableRawPointer?) -> SessionCore? {
  userData.map { Unmanaged<SessionCore>.fromOpaque($0).takeUnretainedValue() }
}
