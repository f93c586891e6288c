import Archive
import Synchronization

/// A source's bytes decompressed, by whatever its first bytes say it is compressed with.
public final class DecompressedSource: ByteSource {
  private let state: Mutex<State>

  public init(_ source: any ByteSource) { state = Mutex(State(source)) }

  public func read(upTo count: Int) throws -> [UInt8] {
    try state.withLock { state in try state.read(upTo: count) }
  }

  /// What the source turned out to be; reads its first bytes.
  public func format() throws -> CompressionFormat {
    try state.withLock { state in
      try state.open()
      return state.format
    }
  }

  private struct State: ~Copyable {
    let source: any ByteSource
    var input: ArraySlice<UInt8> = []
    var inputEnded = false
    var isOpen = false
    var format = CompressionFormat.none
    var decoder: (any StreamDecoder)?

    init(_ source: any ByteSource) { self.source = source }

    /// Reads enough to know the format.
    mutating func open() throws {
      guard !isOpen else { return }
      while input.count < CompressionFormat.magicLength, !inputEnded { try fill() }
      format = CompressionFormat(start: Array(input.prefix(CompressionFormat.magicLength)))
      switch format {
      case .none: decoder = nil
      case .gzip: decoder = GzipDecoder()
      case .zstd: decoder = ZstdDecoder()
      case .bzip2: decoder = Bzip2Decoder()
      case .xz: decoder = XZDecoder()
      }
      isOpen = true
    }

    private mutating func fill() throws {
      let bytes = try source.read(upTo: 1 << 18)
      inputEnded = bytes.isEmpty
      input = input.isEmpty ? bytes[...] : input + bytes
    }

    mutating func read(upTo count: Int) throws -> [UInt8] {
      try open()
      guard let decoder else { return try readPlain(upTo: count) }
      while true {
        if input.isEmpty && !inputEnded { try fill() }
        let step = try decoder.decode(input, upTo: count)
        input = input.dropFirst(step.eaten)
        if !step.output.isEmpty { return step.output }
        guard inputEnded && input.isEmpty else { continue }
        guard decoder.mayEnd else { throw CompressionError.truncated }
        return []
      }
    }

    private mutating func readPlain(upTo count: Int) throws -> [UInt8] {
      guard !input.isEmpty else { return try source.read(upTo: count) }
      defer { input = input.dropFirst(count) }
      return Array(input.prefix(count))
    }
  }
}

/// A decompressor fed piece by piece.
protocol StreamDecoder: AnyObject {
  /// Eats some of `input` and gives at most `count` bytes; neither only when it needs more input or has ended.
  func decode(_ input: ArraySlice<UInt8>, upTo count: Int) throws(CompressionError) -> (
    eaten: Int, output: [UInt8]
  )
  /// Whether the stream may end here.
  var mayEnd: Bool { get }
}
