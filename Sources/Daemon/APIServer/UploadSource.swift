import Archive
import HTTP
import Linux
import Reactor
import Synchronization

/// A request's body as a source that is read by blocking. A body that breaks off is an error, not an end.
final class UploadSource: ByteSource {
  private let input: DescriptorSource
  private let failure = Mutex<(any Error)?>(nil)

  private init(_ input: consuming FileDescriptor) { self.input = DescriptorSource(input) }

  func read(upTo count: Int) throws -> [UInt8] {
    let bytes = try input.read(upTo: count)
    if bytes.isEmpty, let failure = failure.withLock({ $0 }) { throw failure }
    return bytes
  }

  /// Runs `work` while a task copies the body into a pipe, whose other end the source is.
  static func with<Value>(_ body: HTTPBody, _ work: (UploadSource) async throws -> Value) async throws
    -> Value
  {
    let (source, output) = try make()
    let copying = Task { await source.copy(body, to: output) }
    defer {
      copying.cancel()
      output.close()
    }
    return try await work(source)
  }

  private static func make() throws(SyscallError) -> (UploadSource, AsyncDescriptor) {
    let pipe = try Pipe()
    let output = try AsyncDescriptor(pipe.writeEnd.duplicate())
    return (UploadSource(try pipe.readEnd.duplicate()), output)
  }

  private func copy(_ body: HTTPBody, to output: AsyncDescriptor) async {
    do {
      while let bytes = try await body.next() { try await output.write(bytes) }
    } catch let error as SyscallError where error.errno == .brokenPipe {
      // The reader has seen enough.
    } catch {
      failure.withLock { $0 = error }
    }
    output.close()
  }
}
