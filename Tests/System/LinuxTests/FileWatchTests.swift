import Testing

@testable import Linux

@Suite struct FileWatchTests {
  @Test func `names that come, change and go are told with their directory`() throws {
    let place = "/tmp/skiff-file-watch-\(UInt64.random(in: 0 ... .max))"
    try Files.makeDirectories(place)
    // What a failed test leaves is of no use.
    defer { try? Files.removeTree(place) }
    let watch = try FileWatch.empty()
    let number = try FileWatch.add(place, to: watch.rawValue)
    #expect(try FileWatch.add(place, to: watch.rawValue) == number)
    try Files.write("\(place)/file", [1])
    try Files.makeDirectories("\(place)/below")
    try Files.unlink("\(place)/file")
    let events = FileWatch.events(in: try watch.read(upTo: 4096))
    #expect(events.allSatisfy { $0.directory == number && !$0.isEnd })
    #expect(events.map(\.name) == ["file", "file", "below", "file"])
    #expect(events.map(\.isNew) == [true, false, true, false])
    #expect(events.map(\.isDirectory) == [false, false, true, false])
    try Files.removeTree(place)
    #expect(FileWatch.events(in: try watch.read(upTo: 4096)).contains { $0.isEnd })
  }

  @Test func `what is cut off is no event`() {
    #expect(FileWatch.events(in: []) == [])
    #expect(FileWatch.events(in: [UInt8](repeating: 0, count: 15)) == [])
    var bytes = [UInt8](repeating: 0, count: 16)
    bytes[12] = 200
    #expect(FileWatch.events(in: bytes) == [])
  }
}
