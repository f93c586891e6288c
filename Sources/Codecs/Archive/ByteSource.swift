import Linux
import Synchronization

/// Bytes that arrive in order. Reading may block, so an async caller goes through the Reactor.
/// One reader at a time; Sendable so that it can be handed to the thread that reads.
public protocol ByteSource: AnyObject, Sendable {
  /// At least one and at most `count` bytes; none at the end.
  func read(upTo count: Int) throws -> [UInt8]
}

extension ByteSource {
  /// Everything that is left, refused when it is more than `limit` bytes.
  public func readToEnd(limit: Int) throws -> [UInt8] {
    var all: [UInt8] = []
    while true {
      let some = try read(upTo: 65536)
      if some.isEmpty { return all }
      guard all.count + some.count <= limit else { throw ArchiveError.tooLarge("more than \(limit) bytes") }
      all += some
    }
  }
}

/// An array as a source.
public final class ArraySource: ByteSource {
  private let rest: Mutex<ArraySlice<UInt8>>

  public init(_ bytes: some Sequence<UInt8>) { rest = Mutex(Array(bytes)[...]) }

  public func read(upTo count: Int) -> [UInt8] {
    rest.withLock { rest in
      defer { rest = rest.dropFirst(count) }
      return Array(rest.prefix(count))
    }
  }
}

/// An open file or pipe, from where it stands to its end.
public final class DescriptorSource: ByteSource {
  private let descriptor: FileDescriptor

  public init(_ descriptor: consuming FileDescriptor) { self.descriptor = descriptor }

  public func read(upTo count: Int) throws -> [UInt8] { try descriptor.read(upTo: count) }
}

/// A source seen by a function on the way, for digests and progress.
public final class ObservedSource: ByteSource {
  private let inner: any ByteSource
  private let observe: @Sendable ([UInt8]) throws -> Void

  /// `observe` gets every piece in order, and an empty one at the end.
  public init(_ inner: any ByteSource, observe: @escaping @Sendable ([UInt8]) throws -> Void) {
    self.inner = inner
    self.observe = observe
  }

  public func read(upTo count: Int) throws -> [UInt8] {
    let bytes = try inner.read(upTo: count)
    try observe(bytes)
    return bytes
  }
}

/// A source with bytes put back before it, after somebody looked at its beginning.
public final class PrefixedSource: ByteSource {
  private let prefix: ArraySource
  private let inner: any ByteSource

  public init(_ prefix: [UInt8], then inner: any ByteSource) {
    self.prefix = ArraySource(prefix)
    self.inner = inner
  }

  public func read(upTo count: Int) throws -> [UInt8] {
    let bytes = prefix.read(upTo: count)
    return bytes.isEmpty ? try inner.read(upTo: count) : bytes
  }
}
