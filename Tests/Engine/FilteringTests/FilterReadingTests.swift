import DockerAPI
import EngineErrors
import Filtering
import Linux
import TextFormats
import Testing

private func refusal(_ body: () throws -> Void) -> String? {
  do { try body() } catch { return (error as? EngineError)?.message }
  return nil
}

@Suite struct FilterReadingTests {
  private func until(_ texts: String...) throws -> Timestamp? { try Filters(["until": texts]).until() }

  @Test func `a moment is seconds, a date or how long ago`() throws {
    #expect(try until("1136073600.5")?.nanoseconds == 1_136_073_600_500_000_000)
    #expect(try until("2006-01-01T00:00:00Z")?.seconds == 1_136_073_600)
    #expect(try until("0")?.seconds == 0)
    let hour = try #require(try until("1h")).seconds
    #expect((3599...3602).contains(Clock.realtime / 1_000_000_000 - hour))
    #expect(try Filters().until() == nil)
  }

  @Test(arguments: ["nix", "", "1e300", "nan", "inf", "99999999999999999999", "-", "2006-13-01"])
  func `what is no moment is refused`(_ text: String) {
    #expect(
      refusal { _ = try until(text) } == "failed to parse value as time or duration: \"\(text)\"")
  }

  @Test func `a prune has one moment, a list the earliest of several`() throws {
    #expect(refusal { _ = try until("1h", "2h") } == "more than one until filter specified")
    #expect(try Filters(["until": ["20", "10"]]).earliest("until")?.seconds == 10)
  }

  @Test func `refusals are the asker's`() {
    #expect(throws: EngineError.self) { try Filters(["x": ["1"]]).admit(["y"]) }
    #expect(refusal { try Filters(["x": ["1"]]).admit([]) } == "invalid filter 'x'")
    #expect(refusal { _ = try Filters(["all": ["yes"]]).flag("all") } == "invalid filter 'all=[yes]'")
  }
}
