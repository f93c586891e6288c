import Testing

@testable import Linux

private func status(_ namespaced: String, blocked: UInt64 = 0, ignored: UInt64 = 0, caught: UInt64 = 0)
  -> String
{
  func mask(_ value: UInt64) -> String { String(value, radix: 16) }
  return """
    Name:\tsleep
    NSpid:\t\(namespaced)
    SigBlk:\t\(mask(blocked))
    SigIgn:\t\(mask(ignored))
    SigCgt:\t\(mask(caught))

    """
}

@Suite struct SignalDispositionsTests {
  private let terminate: UInt64 = 1 << 14

  @Test func `a first process without a handler never hears of the signal`() {
    let process = SignalDispositions(status("4711\t1"))
    #expect(process.drops(.terminate) && process.name == "sleep" && process.isInit)
    #expect(!process.drops(.kill))
  }

  @Test func `one that catches, blocks or ignores it has its own way`() {
    #expect(!SignalDispositions(status("4711\t1", caught: terminate)).drops(.terminate))
    #expect(!SignalDispositions(status("4711\t1", blocked: terminate)).drops(.terminate))
    #expect(!SignalDispositions(status("4711\t1", ignored: terminate)).drops(.terminate))
    #expect(SignalDispositions(status("4711\t1", caught: 1)).drops(.terminate))
  }

  @Test func `other processes end by it`() {
    #expect(!SignalDispositions(status("4711\t7")).drops(.terminate))
    #expect(!SignalDispositions(status("1")).drops(.terminate))
    #expect(!SignalDispositions("").drops(.terminate))
  }

  @Test func `a process is read`() throws {
    #expect(try SignalDispositions.of(Processes.ownID).name.isEmpty == false)
  }
}
