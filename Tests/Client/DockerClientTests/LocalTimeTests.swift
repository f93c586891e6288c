import TextFormats
import Testing

@testable import DockerClient

@Suite struct LocalTimeTests {
  private static func kolkata(_: Int64) -> (offset: Int64, name: String) { (19800, "IST") }
  private static func azores(_: Int64) -> (offset: Int64, name: String) { (-3600, "-01") }
  private static func utc(_: Int64) -> (offset: Int64, name: String) { (0, "UTC") }

  @Test func `a moment is shown as the user's clock shows it`() throws {
    let moment = try #require(Timestamp(rfc3339: "2024-01-01T20:04:05.000000007Z"))
    let there = LocalTime(moment, zone: Self.kolkata)
    #expect(there.goText == "2024-01-02 01:34:05 +0530 IST")
    #expect(there.goTextNano == "2024-01-02 01:34:05.000000007 +0530 IST")
    #expect(
      LocalTime(Timestamp(seconds: 0), zone: Self.utc).goTextNano == "1970-01-01 00:00:00 +0000 UTC")
    #expect(there.rfc3339 == "2024-01-02T01:34:05+05:30")
    #expect(there.rfc3339Nano == "2024-01-02T01:34:05.000000007+05:30")
    #expect(LocalTime(moment, zone: Self.azores).goText == "2024-01-01 19:04:05 -0100 -01")
    #expect(LocalTime(moment, zone: Self.utc).goText == "2024-01-01 20:04:05 +0000 UTC")
    #expect(LocalTime(moment, zone: Self.utc).rfc3339Nano == "2024-01-01T20:04:05.000000007Z")
  }

  @Test(arguments: [
    ("2024-01-02", "2024-01-01T18:30:00Z"), ("2024-01-02T15", "2024-01-02T09:30:00Z"),
    ("2024-01-02T15:04", "2024-01-02T09:34:00Z"), ("2024-01-02T15:04:05.5", "2024-01-02T09:34:05.5Z"),
    ("2024-01-02Z", "2024-01-02T00:00:00Z"), ("2024-01-02+01:00", "2024-01-01T23:00:00Z"),
    ("2024-01-02T15Z", "2024-01-02T15:00:00Z"), ("2024-01-02T15:04-02:00", "2024-01-02T17:04:00Z"),
    ("2024-01-02T15:04:05Z", "2024-01-02T15:04:05Z"),
  ])
  func `what has no offset is meant as the user's clock`(text: String, moment: String) {
    #expect(Moments.moment(text, zone: Self.kolkata)?.rfc3339 == moment)
  }

  @Test(arguments: [
    "", "2024", "2024-13-01", "2024-01-02T", "2024-01-02T25", "T", "yesterday", "2024-01-02T15:04x",
  ])
  func `what is no moment is none`(text: String) {
    #expect(Moments.moment(text, zone: Self.kolkata) == nil)
  }
}
