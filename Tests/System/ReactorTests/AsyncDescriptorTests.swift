import Glibc
import Linux
import Synchronization
import Testing

@testable import Reactor

private func pipe() throws -> (input: AsyncDescriptor, output: AsyncDescriptor) {
  var ends: [CInt] = [0, 0]
  try #require(Glibc.pipe(&ends) == 0)
  return (
    try AsyncDescriptor(FileDescriptor(owning: ends[0])), try AsyncDescriptor(FileDescriptor(owning: ends[1]))
  )
}

private func isBadDescriptor(_ error: any Error) -> Bool {
  (error as? SyscallError)?.errno == .badFileDescriptor
}

@Suite struct AsyncDescriptorTests {
  @Test func `what is written is read, and the end is no bytes`() async throws {
    let (input, output) = try pipe()
    async let first = input.read()
    try await output.write(Array("hello".utf8))
    #expect(try await first == Array("hello".utf8))
    output.close()
    #expect(try await input.read() == [])
  }

  @Test func `a large write waits for its reader and arrives whole`() async throws {
    let (input, output) = try pipe()
    let sent = (0..<1_000_000).map { UInt8(truncatingIfNeeded: $0) }
    async let written: Void = output.write(sent)
    var received: [UInt8] = []
    while received.count < sent.count { received += try await input.read() }
    try await written
    #expect(received == sent)
  }

  @Test func `closing wakes who reads and who writes`() async throws {
    let (input, output) = try pipe()
    let reader = Task { try await input.read() }
    let writer = Task { while true { try await output.write([UInt8](repeating: 0, count: 65536)) } }
    try await input.readable()
    _ = try await reader.value
    let late = Task { try await input.readable() }
    output.close()
    await #expect { try await writer.value } throws: { isBadDescriptor($0) }
    input.close()
    _ = await late.result
    await #expect { try await input.read() } throws: { isBadDescriptor($0) }
  }

  @Test func `cancelling wakes the one task and leaves the others waiting`() async throws {
    let (input, output) = try pipe()
    let cancelled = Task { try await input.readable() }
    let patient = Task { try await input.readable() }
    await Task.yield()
    cancelled.cancel()
    await #expect(throws: CancellationError.self) { try await cancelled.value }
    try await output.write([1])
    try await patient.value
  }

  @Test func `readable is told again to who asks again`() async throws {
    let (input, output) = try pipe()
    try await output.write([1])
    for _ in 0..<3 { try await input.readable() }
    #expect(try input.readNow() == [1])
    #expect(try input.readNow() == nil)
  }

  @Test func `writing to a pipe without readers is an error and not the end of the process`() async throws {
    let (input, output) = try pipe()
    input.close()
    await #expect { try await output.write([1]) } throws: { ($0 as? SyscallError)?.errno == .brokenPipe }
  }

  @Test func `a regular file is always ready`() async throws {
    let file = try AsyncDescriptor(FileDescriptor.open("/proc/self/exe", O_RDONLY))
    try await file.readable()
    #expect(try await file.read(upTo: 4) == [0x7f, 0x45, 0x4c, 0x46])
  }

  @Test func `a shared open file keeps its flags`() async throws {
    var ends: [CInt] = [0, 0]
    try #require(Glibc.pipe(&ends) == 0)
    let input = AsyncDescriptor(shared: FileDescriptor(owning: ends[0]))
    let output = AsyncDescriptor(shared: FileDescriptor(owning: ends[1]))
    async let bytes = input.read()
    try await output.write([7])
    #expect(try await bytes == [7])
    #expect(fcntl(ends[0], F_GETFL) & O_NONBLOCK == 0)
  }

  @Test func `writes of many tasks do not mix`() async throws {
    let (input, output) = try pipe()
    let size = 100_000
    let writers = (1...4).map { number in
      Task { try await output.write([UInt8](repeating: UInt8(number), count: size)) }
    }
    var received: [UInt8] = []
    while received.count < 4 * size { received += try await input.read() }
    for writer in writers { try await writer.value }
    for block in 0..<4 { #expect(Set(received[block * size..<(block + 1) * size]).count == 1) }
  }
}

@Suite struct BlockingTests {
  @Test func `a blocked body holds nobody else back`() async throws {
    let ends = try Pipe()
    let input = ends.readEnd.rawValue
    let output = ends.writeEnd.rawValue
    let stuck = (0..<8).map { _ in
      Task {
        await blocking {
          var byte: UInt8 = 0; return Glibc.read(input, &byte, 1)
        }
      }
    }
    #expect(await blocking { 41 + 1 } == 42)
    await blocking { _ = Glibc.write(output, "12345678", 8) }
    for task in stuck { #expect(await task.value == 1) }
  }

  @Test func `an error passes with its type`() async throws {
    do throws(SyscallError) {
      try await blocking { () throws(SyscallError) in try Files.unlink("/proc/nothing/here/1") }
      try await blocking { () throws(SyscallError) in _ = try Files.read("/nowhere") }
      Issue.record("nothing was thrown")
    } catch {
      #expect(error.errno == .noSuchFile)
    }
  }

  @Test func `an idle thread holds nothing of its last work`() async throws {
    final class Held: Sendable {}
    weak var watched: Held?
    do {
      let held = Held()
      watched = held
      await blocking { withExtendedLifetime(held) {} }
    }
    // The thread may still be on its way out of the body.
    for _ in 0..<1000 where watched != nil { try await Reactor.sleep(milliseconds: 1) }
    #expect(watched == nil)
  }

  @Test func `more work than threads waits in line`() async throws {
    let pool = BlockingPool(limit: 2)
    let done = Mutex(0)
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
    for _ in 0..<100 {
      pool.submit {
        done.withLock { $0 += 1 }
        continuation.yield()
      }
    }
    var seen = 0
    for await _ in stream {
      seen += 1
      if seen == 100 { break }
    }
    #expect(done.withLock { $0 } == 100)
  }
}

@Suite struct SocketTests {
  @Test(arguments: ["", String(repeating: "x", count: 60)])
  func `a unix socket is listened on, refused when taken, replaced when stale`(_ suffix: String) async throws
  {
    let directory = "/tmp/reactor-\(getpid())-\(UInt32.random(in: 0 ... .max))/\(suffix)/\(suffix)"
    try Files.makeDirectories(directory)
    let path = "\(directory)/s.sock"
    let listener = try Listener.unix(path: path, mode: 0o600)
    var info = stat()
    #expect(stat(path, &info) == 0 && info.st_mode & 0o777 == 0o600)
    async let accepted = listener.accept()
    let client = try await Connect.unix(path)
    let server = try await accepted
    try await client.write([1, 2])
    #expect(try await server.read() == [1, 2])
    client.shutdownWrite()
    #expect(try await server.read() == [])
    try await server.write([3])
    #expect(try await client.read() == [3])
    let refused = #expect(throws: SyscallError.self) { try Listener.unix(path: path) }
    #expect(refused?.errno == .addressInUse)
    // The refused one had knocked to see whether somebody answers.
    #expect(try await listener.accept().read() == [])
    let waiting = Task { try await listener.accept() }
    await Task.yield()
    listener.close()
    await #expect { _ = try await waiting.value } throws: { isBadDescriptor($0) }
    _ = try Listener.unix(path: path)
  }

  @Test func `a connection is gone when the other side has closed it, not when it has finished writing`()
    async throws
  {
    let path = "/tmp/reactor-gone-\(getpid()).sock"
    let listener = try Listener.unix(path: path)
    async let accepted = listener.accept()
    let client = try await Connect.unix(path)
    try Files.unlink(path)
    let server = try await accepted
    client.shutdownWrite()
    #expect(try await server.read() == [])
    let gone = Task { try await server.gone() }
    await Task.yield()
    try await server.write([1])
    #expect(try await client.read() == [1])
    #expect(!gone.isCancelled)
    client.close()
    try await gone.value
  }

  @Test func `tcp connects to a port the kernel chose, and a closed port refuses`() async throws {
    let listener = try Listener.tcp(address: "127.0.0.1", port: 0)
    let port = try #require(listener.port)
    async let accepted = listener.accept()
    let client = try await Connect.tcp(host: "localhost", port: port)
    try await client.write([9])
    #expect(try await accepted.read() == [9])
    listener.close()
    await #expect { _ = try await Connect.tcp(host: "127.0.0.1", port: port) } throws: {
      ($0 as? SyscallError)?.errno == .connectionRefused
    }
  }
}

@Suite struct SignalTests {
  @Test func `a signal arrives as a value`() async throws {
    let stream = Signals.stream([SIGUSR2])
    kill(getpid(), SIGUSR2)
    var iterator = stream.makeAsyncIterator()
    #expect(await iterator.next() == SIGUSR2)
  }
}

@Suite struct DeadlineTests {
  @Test func `a body that takes too long is cancelled`() async throws {
    await #expect(throws: DeadlineExceeded.self) {
      try await withDeadline(milliseconds: 5) { try await Reactor.sleep(milliseconds: 60_000) }
    }
    #expect(try await withDeadline(milliseconds: 60_000) { 5 } == 5)
  }
}
