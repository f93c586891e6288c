import DockerAPI
import HTTP

/// What a container writes, in the order it wrote it.
public struct ContainerOutput: Sendable {
  public enum Stream: Sendable, Hashable { case stdout, stderr }

  public let stream: Stream
  public let bytes: [UInt8]
}

/// Takes a stream of output apart: framed, or one raw stream where the container has a terminal.
struct OutputReader: Sendable {
  private let isRaw: Bool
  private var demultiplexer = StreamDemultiplexer()
  private var ready: ArraySlice<ContainerOutput> = []

  init(isRaw: Bool) { self.isRaw = isRaw }

  /// The next piece; nil at the end.
  mutating func next(_ read: () async throws -> [UInt8]?) async throws -> ContainerOutput? {
    while true {
      if let piece = ready.popFirst() { return piece }
      guard let bytes = try await read() else { return nil }
      if isRaw { return ContainerOutput(stream: .stdout, bytes: bytes) }
      let pieces = try demultiplexer.feed(bytes)
      if let failure = pieces.first(where: { $0.0 == .systemError }) {
        throw APIError(status: 500, message: String(decoding: failure.1, as: UTF8.self))
      }
      ready = pieces.map { ContainerOutput(stream: $0.0 == .stderr ? .stderr : .stdout, bytes: $0.1) }[...]
    }
  }
}

/// Output that an answer carries, as the logs do.
public struct OutputSequence: AsyncSequence, Sendable {
  let body: HTTPBody
  let isRaw: Bool

  public func makeAsyncIterator() -> Iterator { Iterator(body: body, reader: OutputReader(isRaw: isRaw)) }

  public struct Iterator: AsyncIteratorProtocol {
    let body: HTTPBody
    var reader: OutputReader

    public mutating func next() async throws -> ContainerOutput? {
      let body = body
      return try await reader.next { try await body.next() }
    }
  }
}

/// A connection to a container's or an exec's standard streams. One task reads, another writes.
public final class AttachedStreams: AsyncSequence, Sendable {
  private let connection: RawConnection
  private let isRaw: Bool

  init(_ connection: RawConnection, isRaw: Bool) {
    self.connection = connection
    self.isRaw = isRaw
  }

  /// Standard input.
  public func write(_ bytes: [UInt8]) async throws { try await connection.write(bytes) }
  /// Ends standard input; output goes on.
  public func closeInput() { connection.shutdownWrite() }
  /// Ends both directions; whoever reads sees the end.
  public func close() { connection.close() }

  public func makeAsyncIterator() -> Iterator {
    Iterator(connection: connection, reader: OutputReader(isRaw: isRaw))
  }

  public struct Iterator: AsyncIteratorProtocol {
    let connection: RawConnection
    var reader: OutputReader

    public mutating func next() async throws -> ContainerOutput? {
      let connection = connection
      return try await reader.next {
        let bytes = try await connection.read()
        return bytes.isEmpty ? nil : bytes
      }
    }
  }
}

extension DockerClient {
  /// Turns a request into a connection: `Upgrade: tcp`, answered by 101 or, by old engines, by 200.
  func attach(_ path: String, _ query: Query, body: [UInt8] = [], isRaw: Bool) async throws -> AttachedStreams
  {
    AttachedStreams(try await upgrade(path, query, body: body), isRaw: isRaw)
  }

  func upgrade(_ path: String, _ query: Query, body: [UInt8] = []) async throws -> RawConnection {
    let target = try await target(path, query)
    let headers = all(body.isEmpty ? [] : [("Content-Type", "application/json")])
    let (response, connection) = try await http.upgrade("POST", target, headers: headers, body: body)
    guard let connection else { throw try await Self.error(response) }
    return connection
  }
}
