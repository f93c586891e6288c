import JSON
import SeededNumbers
import Testing

@testable import ShimProtocol

@Suite struct FramesTests {
  @Test func `a frame is type, length and payload`() {
    #expect(ShimFrames.encode(.output, [7, 8, 9]) == [17, 0, 0, 0, 3, 7, 8, 9])
  }

  @Test func `frames come back whatever portions they arrive in`() throws {
    let sent: [(ShimFrame, [UInt8])] = [
      (.request, [1, 2, 3]), (.endOfInput, []), (.input, Array(repeating: 5, count: 70000)),
    ]
    let bytes = sent.flatMap { ShimFrames.encode($0.0, $0.1) }
    for portion in [1, 3, 5, 4096, 200_000] {
      var decoder = ShimFrameDecoder()
      var found: [(ShimFrame, [UInt8])] = []
      for start in stride(from: 0, to: bytes.count, by: portion) {
        decoder.append(Array(bytes[start..<min(start + portion, bytes.count)]))
        while let frame = try decoder.next() { found.append((frame.type, frame.payload)) }
      }
      #expect(found.map(\.0) == sent.map(\.0) && found.map(\.1) == sent.map(\.1))
      #expect(decoder.pending == 0)
    }
  }

  @Test func `what is no frame is refused at its header`() {
    #expect(throws: ShimFrameError.unknownType(99)) {
      var decoder = ShimFrameDecoder()
      decoder.append([99, 0, 0, 0, 0])
      _ = try decoder.next()
    }
    #expect(throws: ShimFrameError.tooLong(101)) {
      var decoder = ShimFrameDecoder(limit: 100)
      decoder.append([1, 0, 0, 0, 101])
      _ = try decoder.next()
    }
  }

  @Test func `no bytes make the decoder trap, or hoard`() {
    var random = SeededNumbers(seed: 0x5eed)
    for _ in 0..<5000 {
      var decoder = ShimFrameDecoder(limit: 1000)
      do {
        for _ in 0..<20 {
          let type = Bool.random(using: &random) ? UInt8(1) : UInt8.random(in: 0...255, using: &random)
          let length = UInt8.random(in: 0...255, using: &random)
          let payload = (0..<Int.random(in: 0...300, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
          }
          decoder.append([type, 0, 0, UInt8.random(in: 0...5, using: &random), length] + payload)
          while let frame = try decoder.next() { #expect(frame.payload.count <= 1000) }
          #expect(decoder.pending <= 1005 + 305)
        }
      } catch {
        continue
      }
    }
  }

  @Test func `requests and events survive their bytes, and garbled ones do not trap`() throws {
    let spec = ExecSpec(
      id: "e", arguments: ["a", "b"], environment: ["A=b"], workingDirectory: "/", uid: 1, gid: 2)
    let requests: [ShimRequest] = [
      .start, .state, .kill(signal: 9, all: true, final: false),
      .resize(exec: nil, size: ConsoleSize(columns: 1, rows: 2)),
      .pause, .resume, .attach(stdin: true, stdout: false, stderr: true), .exec(spec), .subscribe,
      .stop(signal: 15, timeout: -1, mayHurry: true),
      .updateRestart(RestartPolicy(.onFailure, maximumRetries: 3)), .discard,
      .serveNames(file: "/run/x.dns"),
    ]
    var random = SeededNumbers(seed: 0x5eed)
    for request in requests {
      let bytes = JSON.encode(request)
      #expect(try JSON.decode(ShimRequest.self, from: bytes) == request)
      for _ in 0..<500 {
        var garbled = bytes
        garbled[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
        // Refused or understood as something else: both are fine.
        _ = try? JSON.decode(ShimRequest.self, from: garbled)
        // Cut off, with something in the middle left out, or twice: the same.
        let cut = Int.random(in: 0...bytes.count, using: &random)
        let other = Int.random(in: 0...bytes.count, using: &random)
        _ = try? JSON.decode(ShimRequest.self, from: Array(bytes[..<cut]))
        _ = try? JSON.decode(ShimRequest.self, from: Array(bytes[..<cut] + bytes[other...]))
      }
    }
  }
}
