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

  @Test func `clients get half of the descriptors at most, and servers share them`() {
    #expect(HTTPLimits.sharing(openFiles: 1 << 20, among: 1).connections == 4096)
    #expect(HTTPLimits.sharing(openFiles: 1024, among: 1).connections == 512)
    #expect(HTTPLimits.sharing(openFiles: 1024, among: 2).connections == 256)
    #expect(HTTPLimits.sharing(openFiles: .max, among: 0).connections == 4096)
  }

  @Test func `where there are too many, the most silent makes room`() throws {
    let watch = ConnectionWatch()
    let connections = try (0..<5).map { _ in try connection() }
    let busy = try #require(watch.add(connections[0], limit: 3, milliseconds: 60_000))
    watch.answering(busy)
    let begun = try #require(watch.add(connections[1], limit: 3, milliseconds: 60_000))
    watch.reading(begun, milliseconds: 10)
    let silent = try #require(watch.add(connections[2], limit: 3, milliseconds: 60_000))
    _ = watch.idle(silent, milliseconds: 60_000)
    let next = try #require(watch.add(connections[3], limit: 3, milliseconds: 60_000))
    #expect(connections.map(isClosed) == [false, false, true, false, false])
    watch.answering(next)
    let last = try #require(watch.add(connections[4], limit: 3, milliseconds: 60_000))
    #expect(connections.map(isClosed) == [false, true, true, false, false])
    watch.answering(last)
    #expect(watch.add(try connection(), limit: 3, milliseconds: 60_000) == nil)
  }

  @Test func `many that come at once make room as well, the first ones first`() throws {
    let watch = ConnectionWatch()
    let connections = try (0..<5).map { _ in try connection() }
    for connection in connections {
      #expect(watch.add(connection, limit: 3, milliseconds: 60_000) != nil)
    }
    #expect(connections.map(isClosed) == [true, true, false, false, false])
  }

  @Test func `whose body stands still makes room last of all`() throws {
    let watch = ConnectionWatch()
    let connections = try (0..<4).map { _ in try connection() }
    let ids = try connections[..<3].map { try #require(watch.add($0, limit: 3, milliseconds: 60_000)) }
    for id in ids { watch.answering(id) }
    #expect(watch.add(try connection(), limit: 3, milliseconds: 60_000) == nil)
    watch.awaitsBody(ids[1], true)
    watch.awaitsBody(ids[2], true)
    watch.awaitsBody(ids[1], false)
    #expect(watch.add(connections[3], limit: 3, milliseconds: 60_000) != nil)
    #expect(connections.map(isClosed) == [false, false, true, false])
  }
}
