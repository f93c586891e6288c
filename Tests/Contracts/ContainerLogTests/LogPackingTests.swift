import Linux
import SeededNumbers
import Testing

@testable import ContainerLog

private func roundTrip(_ input: [UInt8]) throws -> [UInt8] {
  var deflate = Deflate()
  deflate.append(input, isLast: true)
  var inflate = Inflate()
  inflate.append(deflate.take())
  let block = try inflate.block()
  #expect(block.isLast)
  return block.bytes
}

/// Packs at once, as a process of its own would a little later.
private final class Immediately: LogPacker {
  var isBusy = false
  var packed = 0
  func pack(_ path: String) {
    packed += 1
    do { try LogPacking.pack(path) } catch { Issue.record(error) }
  }
  func stop() { isBusy = false }
}

@Suite struct LogPackingTests {
  @Test func `what was packed comes back`() throws {
    var random = SeededNumbers(seed: 7)
    for size in [0, 1, 3, 4, 5, 257, 258, 259, 1000, 70000, Deflate.portion] {
      let plain = [UInt8](repeating: 97, count: size)
      #expect(try roundTrip(plain) == plain)
      let noise = (0..<size).map { _ in UInt8.random(in: 0...255, using: &random) }
      #expect(try roundTrip(noise) == noise)
      let few = (0..<size).map { _ in UInt8.random(in: 0...2, using: &random) }
      #expect(try roundTrip(few) == few)
    }
  }

  @Test func `garbled bytes never trap and never grow without end`() throws {
    var deflate = Deflate()
    deflate.append(Array("{\"log\":\"one\"}\n{\"log\":\"two\"}\n".utf8), isLast: true)
    let good = deflate.take()
    var random = SeededNumbers(seed: 11)
    for _ in 0..<2000 {
      var bytes = good
      for _ in 0..<3 {
        bytes[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      var inflate = Inflate()
      inflate.append(Array(bytes.prefix(Int.random(in: 0...bytes.count, using: &random))))
      while let block = try? inflate.block() {
        #expect(block.bytes.count <= Deflate.portion)
        if block.isLast { break }
      }
    }
  }

  @Test func `a log is read through its packed files, also by one that has begun before`() throws {
    let directory = try TemporaryDirectory()
    let path = "\(directory.path)/c.log"
    let packer = Immediately()
    var writer = try LogWriter(path: path, maximumSize: 400, maximumFiles: 4, packer: packer)
    func write(_ range: ClosedRange<Int>) throws {
      for number in range { try writer.append(.stdout, Array("\(number)\n".utf8)[...], at: Int64(number)) }
    }
    func numbers(_ reader: LogReader) throws -> [Int64] {
      var found: [Int64] = []
      while true {
        let entries = try reader.next()
        if entries.isEmpty { return found }
        found += entries.map(\.time)
      }
    }
    try write(1...9)
    let early = try LogReader(path: path)
    #expect(try numbers(early) == Array(1...9))
    try write(10...20)
    #expect(try numbers(early) == Array(10...20))
    #expect(packer.packed >= 2)
    #expect(try Files.names(in: directory.path).filter { $0.hasSuffix(".gz") }.count == packer.packed)
    #expect(try numbers(LogReader(path: path)) == Array(1...20))
    #expect(try numbers(LogReader(path: path, query: LogQuery(tail: 15))) == Array(6...20))
    try write(21...60)
    #expect(try Files.names(in: directory.path).count == 4)
    let kept = try numbers(LogReader(path: path))
    #expect(kept.last == 60 && kept == Array((kept.first ?? 0)...60))
  }

  @Test func `a packer that is busy is waited for, until the log has twice its size`() throws {
    let directory = try TemporaryDirectory()
    let packer = Immediately()
    packer.isBusy = true
    var writer = try LogWriter(
      path: "\(directory.path)/c.log", maximumSize: 200, maximumFiles: 3, packer: packer)
    func write(_ range: ClosedRange<Int>) throws {
      for number in range { try writer.append(.stdout, Array("\(number)\n".utf8)[...], at: Int64(number)) }
    }
    try write(1...5)
    #expect(try Files.names(in: directory.path) == ["c.log"] && packer.isBusy)
    try write(6...9)
    #expect(try Files.names(in: directory.path).sorted() == ["c.log", "c.log.1.gz"] && !packer.isBusy)
  }
}
