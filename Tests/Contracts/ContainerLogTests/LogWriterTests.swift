import Linux
import Testing

@testable import ContainerLog

/// 2026-11-21T04:05:06.07Z
private let moment: Int64 = 1_795_233_906_070_000_000

private func log(_ chunks: [(LogStream, String)], maximumSize: Int64 = 0, maximumFiles: Int = 1) throws
  -> [String]
{
  let directory = try TemporaryDirectory()
  let path = "\(directory.path)/c.log"
  var writer = try LogWriter(path: path, maximumSize: maximumSize, maximumFiles: maximumFiles)
  for (stream, text) in chunks { try writer.append(stream, Array(text.utf8)[...], at: moment) }
  try writer.end(at: moment)
  return try Files.names(in: directory.path).map { "\($0): " + (try Files.text("\(directory.path)/\($0)")) }
}

@Suite struct LogWriterTests {
  @Test func `a line is exact to the byte`() throws {
    #expect(
      try log([(.stdout, "hello\n"), (.stderr, "oops\n")]) == [
        """
        c.log: {"log":"hello\\n","stream":"stdout","time":"2026-11-21T04:05:06.07Z"}
        {"log":"oops\\n","stream":"stderr","time":"2026-11-21T04:05:06.07Z"}

        """
      ])
  }

  @Test func `escapes are those of Go`() throws {
    var line: [UInt8] = []
    let text: [UInt8] =
      Array("a\"\\\r\t\u{1}<>&\u{7f}é\u{2028}\u{2029}😀".utf8) + [0xff, 0xc3, 0x28, 0xed, 0xa0, 0x80]
    LogEncoding.append(.stdout, text[...], terminated: false, time: 0, to: &line)
    #expect(
      String(decoding: line, as: UTF8.self)
        == #"{"log":"a\"\\\r\u0009\u0001\u003c\u003e\u0026\#u{7f}é\u2028\u2029😀\ufffd\ufffd(\ufffd\ufffd\ufffd","stream":"stdout","time":"1970-01-01T00:00:00Z"}"#
        + "\n")
  }

  @Test func `what is left at the end has no newline`() throws {
    #expect(try log([(.stdout, "ab"), (.stdout, "c")]).first?.contains(#"{"log":"abc","#) == true)
  }

  @Test func `an empty line is a newline`() throws {
    #expect(try log([(.stdout, "\n")]).first?.contains(#"{"log":"\n","#) == true)
  }

  @Test(arguments: [(16383, [16384]), (16384, [16384, 1]), (40000, [16384, 16384, 7233])])
  func `a line is cut after 16 KiB`(_ count: Int, _ lengths: [Int]) throws {
    for portion in [1000, 16384, 65536] {
      var splitter = LineSplitter()
      var found: [Int] = []
      var bytes = ([UInt8](repeating: 97, count: count) + [10])[...]
      while !bytes.isEmpty {
        splitter.append(bytes.prefix(portion), at: 1) { text, terminated, _ in
          found.append(text.count + (terminated ? 1 : 0))
        }
        bytes = bytes.dropFirst(portion)
      }
      #expect(found == lengths)
    }
  }

  @Test func `all parts of a line carry the time of the first`() throws {
    var splitter = LineSplitter()
    var times: [Int64] = []
    splitter.append([UInt8](repeating: 97, count: 16384)[...], at: 1) { times.append($2) }
    splitter.append([98, 10][...], at: 2) { times.append($2) }
    splitter.append([98, 10][...], at: 3) { times.append($2) }
    #expect(times == [1, 1, 3])
  }

  @Test func `a flood of lines in one piece is kept line by line`() throws {
    let text = (0..<2000).map { "\($0)\n" }.joined() + "rest"
    let lines = try log([(.stdout, text)]).joined().split(separator: "\n")
    #expect(lines.count == 2001)
    for (number, line) in lines.dropLast().enumerated() {
      #expect(line.contains(#"{"log":"\#(number)\n","#))
    }
    #expect(lines.last?.contains(#"{"log":"rest","#) == true)
  }

  @Test func `rotation keeps so many files and drops the oldest`() throws {
    let lines = (1...5).map { (LogStream.stdout, "line \($0)\n") }
    let files = try log(lines, maximumSize: 1, maximumFiles: 3)
    #expect(files.map { String($0.prefix(8)) } == ["c.log: {", "c.log.1:", "c.log.2:"])
    #expect(files[0].contains("line 5") && files[1].contains("line 4") && files[2].contains("line 3"))
  }

  @Test func `one file is emptied when it is full`() throws {
    let files = try log([(.stdout, "one\ntwo\n")], maximumSize: 1, maximumFiles: 1)
    #expect(files.count == 1 && files[0].contains("two") && !files[0].contains("one"))
  }

  @Test func `a line that a killed writer left torn stays alone`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/c.log"
    try Files.write(path, Array(#"{"log":"to"#.utf8))
    var writer = try LogWriter(path: path, maximumSize: 0, maximumFiles: 1)
    try writer.append(.stdout, Array("new\n".utf8)[...], at: moment)
    #expect(try LogReader(path: path).next().map(\.bytes) == [Array("new\n".utf8)])
  }
}
