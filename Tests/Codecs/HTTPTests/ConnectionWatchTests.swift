import Linux
import Reactor
import Testing

@testable import HTTP

@Suite struct ConnectionWatchTests {
  private func connection() throws -> AsyncDescriptor {
    let pipe = try Pipe()
    return try AsyncDescriptor(pipe.readEnd.duplicate())
  }

  private func isClosed(_ descriptor: AsyncDescriptor) -> Bool {
    do throws(SyscallError) {
      try descriptor.withRaw { _ in }
      return false
    } catch {
      return true
    }
  }

  @Test func `where there are too many, the most silent makes room`() throws {
    let watch = ConnectionWatch()
    let connections = try (0..<5).map { _ in try connection() }
    let busy = try #require(watch.add(connections[0], limit: 3))
    watch.answering(busy)
    let begun = try #require(watch.add(connections[1], limit: 3))
    watch.reading(begun, milliseconds: 10)
    let silent = try #require(watch.add(connections[2], limit: 3))
    _ = watch.idle(silent, milliseconds: 60_000)
    let next = try #require(watch.add(connections[3], limit: 3))
    #expect(connections.map(isClosed) == [false, false, true, false, false])
    watch.answering(next)
    let last = try #require(watch.add(connections[4], limit: 3))
    #expect(connections.map(isClosed) == [false, true, true, false, false])
    watch.answering(last)
    #expect(watch.add(try connection(), limit: 3) == nil)
  }
}
