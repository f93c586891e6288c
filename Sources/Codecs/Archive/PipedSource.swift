import Linux
import Reactor
import Synchronization

/// Bytes that come by waiting, as a source that is read by blocking. What breaks off is an error, not an end.
public final class PipedSource: ByteSource {
  private let input: DescriptorSource
  private let failure = Mutex<(any Error)?>(nil)

  private init(_ input: consuming FileDescriptor) { self.input = DescriptorSource(input) }

  public func read(upTo count: Int) throws -> [UInt8] {
    let bytes = try input.read(upTo: count)
    if bytes.isEmpty, let failure = failure.withLock({ $0 }) { throw failure }
    return bytes
  }

  /// Runs `work` while a task copies what `next` gives, until nil, into a pipe, whose other end the source is.
  public static func with<Value>(
    _ next: @escaping @Sendable () async throws -> [UInt8]?, _ work: (PipedSource) async throws -> Value
  ) async throws -> Value {
    let (source, output) = try make()
    let copying = Task { await source.copy(next, to: output) }
    defer {
      copying.cancel()
      output.close()
    }
    return try await work(source)
  }

  private static func make() throws(SyscallError) -> (PipedSource, AsyncDescriptor) {
    let pipe = try Pipe()
    let output = try AsyncDescriptor(pipe.writeEnd.duplicate())
    return (PipedSource(try pipe.readEnd.duplicate()), output)
  }

  private func copy(_ next: @Sendable () async throws -> [UInt8]?, to output: AsyncDescriptor) async {
    do {
      while let bytes = try await next() { try await output.write(bytes) }
    } catch let error as SyscallError where error.errno == .brokenPipe {
      // The reader has seen enough.
    } catch {
      failure.withLock { $0 = error }
    }
    output.close()
  }
}
