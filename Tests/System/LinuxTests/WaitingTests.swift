import Testing

@testable import Linux

@Suite struct WaitingTests {
  @Test func `epoll tells what is ready by the caller's token`() throws {
    let epoll = try Epoll()
    let pipe = try Pipe()
    try epoll.add(pipe.readEnd.rawValue, .readable, token: 77)
    #expect(try epoll.wait(milliseconds: 0).isEmpty)
    try pipe.writeEnd.write([1])
    let events = try epoll.wait(milliseconds: 1000)
    #expect(events.map(\.token) == [77])
    #expect(events.first?.readiness.contains(.readable) == true)
  }

  @Test func `a spawned program gets just the descriptors it is given`() throws {
    let pipe = try Pipe()
    let pid = try Spawn(
      "/bin/sh", ["sh", "-c", "echo hello; echo $A >&3; ls /proc/self/fd | wc -l"],
      environment: ["A=b", "PATH=/bin:/usr/bin"],
      descriptors: [nil, pipe.writeEnd.rawValue, nil, pipe.writeEnd.rawValue]
    ).start()
    #expect(try Wait.forEnd(of: pid) == .exited(0))
    #expect(String(decoding: try pipe.readEnd.read(), as: UTF8.self) == "hello\nb\n3\n")
  }

  @Test func `a program that is not there is an error of its caller`() {
    #expect(throws: SyscallError(call: "posix_spawn", subject: "/nope", errno: .noSuchFile)) {
      _ = try Spawn("/nope", ["nope"], environment: [], descriptors: []).start()
    }
  }

  @Test func `a timer fires and an event counter wakes`() throws {
    let timer = try TimerDescriptor()
    try timer.set(nanoseconds: 1)
    let epoll = try Epoll()
    try epoll.add(timer.descriptor.rawValue, .readable, token: 1)
    #expect(try epoll.wait(milliseconds: 1000).count == 1)
    #expect(try timer.expirations() == 1)
    let counter = try EventCounter()
    try counter.signal()
    try counter.signal()
    try epoll.add(counter.descriptor.rawValue, .readable, token: 2)
    #expect(try epoll.wait(milliseconds: 1000).map(\.token) == [2])
    try counter.drain()
    #expect(try epoll.wait(milliseconds: 0).isEmpty)
  }
}
