import Linux
import Testing

@testable import ContainerLog

private struct Fixture: ~Copyable {
  let directory: TemporaryDirectory
  var writer: LogWriter
  var path: String { "\(directory.path)/c.log" }

  init(maximumSize: Int64 = 0, maximumFiles: Int = 1) throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/c.log"
    writer = try LogWriter(path: path, maximumSize: maximumSize, maximumFiles: maximumFiles)
    self.directory = directory
  }

  mutating func lines(_ range: ClosedRange<Int>) throws {
    for number in range {
      try writer.append(
        number % 2 == 0 ? .stdout : .stderr, Array("\(number)\n".utf8)[...], at: Int64(number))
    }
  }
}

private func all(_ reader: LogReader) throws -> [Int] {
  var numbers: [Int] = []
  while true {
    let entries = try reader.next()
    if entries.isEmpty { return numbers }
    numbers += entries.map { Int(String(decoding: $0.bytes.dropLast(), as: UTF8.self)) ?? -1 }
  }
}

@Suite struct LogReaderTests {
  @Test func `everything comes back in its order, from all files`() throws {
    var log = try Fixture(maximumSize: 200, maximumFiles: 100)
    try log.lines(1...50)
    #expect(try all(LogReader(path: log.path)) == Array(1...50))
  }

  @Test(arguments: [0, 1, 2, 3, 7, 50, 51, 1000])
  func `tail counts back over files`(_ count: Int) throws {
    var log = try Fixture(maximumSize: 200, maximumFiles: 100)
    try log.lines(1...50)
    #expect(
      try all(LogReader(path: log.path, query: LogQuery(tail: count))) == Array(Array(1...50).suffix(count)))
  }

  @Test func `since, until and streams choose`() throws {
    var log = try Fixture()
    try log.lines(1...20)
    #expect(try all(LogReader(path: log.path, query: LogQuery(since: 5, until: 8))) == [5, 6, 7, 8])
    #expect(try all(LogReader(path: log.path, query: LogQuery(since: 15, stdout: false))) == [15, 17, 19])
    #expect(try all(LogReader(path: log.path, query: LogQuery(tail: 3, stderr: false))) == [18, 20])
  }

  @Test func `a reader goes on across many rotations`() throws {
    var log = try Fixture(maximumSize: 200, maximumFiles: 1000)
    let reader = try LogReader(path: log.path)
    var found: [Int] = []
    try log.lines(1...3)
    found += try all(reader)
    try log.lines(4...40)
    found += try all(reader)
    try log.lines(41...41)
    found += try all(reader)
    #expect(found == Array(1...41))
  }

  @Test func `a reader finishes the only file before it goes on with the next`() throws {
    var log = try Fixture(maximumSize: 100, maximumFiles: 1)
    try log.lines(1...1)
    let reader = try LogReader(path: log.path)
    try log.lines(2...7)
    #expect(try all(reader) == [1, 2, 7])
    try log.lines(8...8)
    #expect(try all(reader) == [8])
  }

  @Test func `a file that somebody emptied is read from its start`() throws {
    var log = try Fixture()
    try log.lines(1...3)
    let reader = try LogReader(path: log.path)
    #expect(try all(reader) == [1, 2, 3])
    try Files.write(log.path, [])
    try log.lines(4...4)
    #expect(try all(reader) == [4])
  }

  @Test func `a log that is not there is empty until it is`() throws {
    let directory = try TemporaryDirectory()
    let reader = try LogReader(path: "\(directory.path)/c.log")
    #expect(try all(reader).isEmpty)
    var writer = try LogWriter(path: "\(directory.path)/c.log", maximumSize: 0, maximumFiles: 1)
    try writer.append(.stdout, Array("1\n".utf8)[...], at: 1)
    #expect(try all(reader) == [1])
  }

  @Test func `garbled lines are passed over`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/c.log"
    let good = #"{"log":"1\n","stream":"stdout","attrs":{"a":"b"},"time":"1970-01-01T00:00:00Z"}"#
    let bad = ["", "{", #"{"log":"\u12"#, #"{"log":1}"#, "\u{0}\u{0}", #"{"log":"\ud800\u0041","time":"x"}"#]
    try Files.write(path, Array((bad + [good] + bad).joined(separator: "\n").utf8) + [10])
    #expect(try all(LogReader(path: path)) == [1])
  }

  @Test func `no bytes make the decoder trap`() {
    var random = SystemRandomNumberGenerator()
    let good = Array(
      #"{"log":"1\n\ud83d\ude00","stream":"stdout","attrs":{"a":"b"},"time":"1970-01-01T00:00:00Z"}"#.utf8)
    for _ in 0..<20000 {
      var line = good
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        line[Int.random(in: 0..<line.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      _ = LogDecoding.entry(line[..<Int.random(in: 0...line.count, using: &random)])
    }
  }

  @Test func `entries come back as they were written`() throws {
    for text in ["plain", "\"\\<>&\u{1}\t\r", "é\u{2028}😀", ""] {
      var line: [UInt8] = []
      LogEncoding.append(
        .stderr, Array(text.utf8)[...], terminated: true, time: 1_795_233_906_070_000_001, to: &line)
      let entry = LogDecoding.entry(line.dropLast())
      #expect(
        entry == LogEntry(stream: .stderr, time: 1_795_233_906_070_000_001, bytes: Array((text + "\n").utf8)))
    }
  }

  @Test(arguments: [0, 1, -1, 951_782_400_000_000_000, 1_709_164_800_123_456_789, 4_102_444_799_999_999_999])
  func `times survive their text`(_ time: Int64) {
    #expect(LogTime.parse(LogTime.text(time).utf8) == time)
    #expect(LogTime.parse(LogTime.text(time, fixed: true).utf8) == time)
  }

  @Test func `times with an offset are understood, nonsense is not`() {
    #expect(LogTime.parse("1970-01-01T01:00:00+01:00".utf8) == 0)
    #expect(LogTime.text(1_500_000_000, fixed: true) == "1970-01-01T00:00:01.500000000Z")
    for text in ["", "1970-01-01", "1970-01-01T00:00:00", "1970-13-01T00:00:00Z", "1970-01-01T00:00:00.Z"] {
      #expect(LogTime.parse(text.utf8) == nil)
    }
  }

  @Test func `in the middle of a rotation nothing is hidden`() throws {
    var fixture = try Fixture(maximumSize: 200, maximumFiles: 4)
    try fixture.lines(1...8)
    let before = try all(LogReader(path: fixture.path))
    // Renamed, and the new file not yet there.
    try Files.rename(fixture.path, to: "\(fixture.path).0")
    #expect(try all(LogReader(path: fixture.path)).count > 0)
    try Files.rename("\(fixture.path).0", to: fixture.path)
    try Files.rename("\(fixture.path).1", to: "\(fixture.path).0")
    let without = try all(LogReader(path: fixture.path))
    #expect(without.first == before.first && without.last == before.last)
  }
}
