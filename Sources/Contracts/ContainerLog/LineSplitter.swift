/// Cuts one output into lines as Docker's copier does: at newlines, after 16 KiB without one, and at the end.
struct LineSplitter {
  static let longest = 16384

  private var rest: [UInt8] = []
  /// When the first part of a line in parts came: every part carries it.
  private var partTime: Int64?

  /// Hands every line that is complete by now to `take`: its bytes without newline, whether one followed, its time.
  mutating func append(
    _ bytes: ArraySlice<UInt8>, at time: Int64, _ take: (ArraySlice<UInt8>, Bool, Int64) -> Void
  ) {
    var bytes = bytes
    while let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) {
      fill(bytes[..<newline], at: time, take, orWhole: true)
      bytes = bytes[(newline + 1)...]
    }
    fill(bytes, at: time, take, orWhole: false)
  }

  /// No more will come: what is left goes out without a newline.
  mutating func end(at time: Int64, _ take: (ArraySlice<UInt8>, Bool, Int64) -> Void) {
    if !rest.isEmpty { take(rest[...], false, partTime ?? time) }
    rest = []
    partTime = nil
  }

  private mutating func fill(
    _ bytes: ArraySlice<UInt8>, at time: Int64, _ take: (ArraySlice<UInt8>, Bool, Int64) -> Void,
    orWhole isWhole: Bool
  ) {
    var bytes = bytes
    while rest.count + bytes.count >= Self.longest {
      let some = bytes.prefix(Self.longest - rest.count)
      emit(some, false, at: time, take)
      bytes = bytes[some.endIndex...]
    }
    if isWhole {
      emit(bytes, true, at: time, take)
    } else {
      rest += bytes
    }
  }

  private mutating func emit(
    _ bytes: ArraySlice<UInt8>, _ terminated: Bool, at time: Int64,
    _ take: (ArraySlice<UInt8>, Bool, Int64) -> Void
  ) {
    let moment = partTime ?? time
    if rest.isEmpty {
      take(bytes, terminated, moment)
    } else {
      rest += bytes
      take(rest[...], terminated, moment)
      rest.removeAll(keepingCapacity: true)
    }
    partTime = terminated ? nil : moment
  }
}
