import CIsal

/// Compresses what is written to it as one gzip member without a name or a time: the same bytes give the same bytes.
public final class GzipWriter {
  private let state: UnsafeMutableRawPointer
  private let sink: (UnsafeRawBufferPointer) throws -> Void

  public init(_ sink: @escaping (UnsafeRawBufferPointer) throws -> Void) {
    guard let state = cisal_deflate_new() else { fatalError("out of memory") }
    self.state = state
    self.sink = sink
  }

  deinit { cisal_deflate_free(state) }

  /// Compresses more bytes; what comes out goes to the sink now or later.
  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    var rest = bytes
    while !rest.isEmpty {
      let piece = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 20))
      try deflate(piece, last: false)
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(piece.count))
    }
  }

  /// Writes what is still held back, and the member's end.
  public func finish() throws {
    try deflate(UnsafeRawBufferPointer(start: nil, count: 0), last: true)
  }

  private func deflate(_ bytes: UnsafeRawBufferPointer, last: Bool) throws {
    var rest = bytes
    repeat {
      var eaten = rest.count
      var code: CInt = 0
      let output = [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, filled in
        var room = buffer.count
        let start = rest.bindMemory(to: UInt8.self).baseAddress
        code = cisal_deflate(state, start, &eaten, buffer.baseAddress, &room, last ? 1 : 0)
        filled = room
      }
      precondition(code == COMP_OK, "isal_deflate: \(code)")
      if !output.isEmpty { try output.withUnsafeBytes(sink) }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(eaten))
      if rest.isEmpty && !last && output.count < 1 << 16 { return }
    } while last ? cisal_deflate_is_finished(state) == 0 : true
  }
}
