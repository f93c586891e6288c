/// A chunked body (RFC 9112 section 7.1), decoded as its bytes come.
struct ChunkDecoder {
  private enum State { case size, data(Int), dataEnd, trailer, done }

  private var state = State.size
  private var line: [UInt8] = []
  private var trailerBytes = 0

  var isDone: Bool { if case .done = state { true } else { false } }

  /// Decodes what it can and says how many bytes it took; those after the body stay.
  mutating func decode(_ input: ArraySlice<UInt8>, into output: inout [UInt8]) throws(HTTPError) -> Int {
    var index = input.startIndex
    while index < input.endIndex, !isDone {
      switch state {
      case .data(let left):
        let count = min(left, input.endIndex - index)
        output += input[index..<index + count]
        index += count
        state = count == left ? .dataEnd : .data(left - count)
      case .size, .dataEnd, .trailer:
        guard try take(input[index]) else {
          index += 1
          continue
        }
        index += 1
        try endOfLine()
      case .done: break
      }
    }
    return index - input.startIndex
  }

  /// Adds a byte to the line; true when the line is complete.
  private mutating func take(_ byte: UInt8) throws(HTTPError) -> Bool {
    let afterCarriageReturn = line.last == carriageReturn
    if byte == lineFeed {
      guard afterCarriageReturn else { throw .malformed("a bare LF in a chunked body") }
      line.removeLast()
      return true
    }
    guard !afterCarriageReturn else { throw .malformed("a bare CR in a chunked body") }
    guard line.count < 4096 else { throw .malformed("a line of a chunked body is too long") }
    line.append(byte)
    return false
  }

  private mutating func endOfLine() throws(HTTPError) {
    defer { line = [] }
    switch state {
    case .size:
      let size = try chunkSize()
      state = size == 0 ? .trailer : .data(size)
    case .dataEnd:
      guard line.isEmpty else { throw .malformed("a chunk is longer than it says") }
      state = .size
    case .trailer:
      // Trailers say nothing that anyone here asks for; they are read over, within bounds.
      trailerBytes += line.count
      guard trailerBytes <= 16384 else { throw HTTPError(431, "the trailers are too long") }
      if line.isEmpty { state = .done }
    case .data, .done: break
    }
  }

  private func chunkSize() throws(HTTPError) -> Int {
    let digits = line.prefix { $0 != UInt8(ascii: ";") && $0 != space && $0 != 0x09 }
    guard !digits.isEmpty, digits.count <= 15 else { throw .malformed("malformed chunk size") }
    var size = 0
    for digit in digits {
      guard let value = hexValue(digit) else { throw .malformed("malformed chunk size") }
      size = size << 4 | value
    }
    return size
  }
}

func hexValue(_ digit: UInt8) -> Int? {
  switch digit {
  case 0x30...0x39: Int(digit - 0x30)
  case 0x41...0x46: Int(digit - 0x41) + 10
  case 0x61...0x66: Int(digit - 0x61) + 10
  default: nil
  }
}

/// One chunk around these bytes, which must not be empty: an empty chunk ends the body.
func chunk(_ bytes: [UInt8]) -> [UInt8] {
  Array(String(bytes.count, radix: 16).utf8) + [carriageReturn, lineFeed] + bytes + [
    carriageReturn, lineFeed,
  ]
}

let lastChunk = Array("0\r\n\r\n".utf8)
