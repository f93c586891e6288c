import Testing

@testable import TextFormats

struct TimestampTests {
  static let texts: [(String, Int64)] = [
    ("1970-01-01T00:00:00Z", 0), ("2024-02-29T12:34:56.000000789Z", 1_709_210_096_000_000_789),
    ("2000-01-01T00:00:00.5Z", 946_684_800_500_000_000),
    ("1969-12-31T23:59:59.25Z", -750_000_000), ("2262-01-01T00:00:00Z", 9_214_646_400_000_000_000),
  ]

  @Test(arguments: texts)
  func `moments become text and back`(text: String, nanoseconds: Int64) {
    #expect(Timestamp(rfc3339: text)?.nanoseconds == nanoseconds)
    #expect(Timestamp(nanoseconds: nanoseconds).rfc3339 == text)
  }

  @Test func `offsets, dates alone and missing seconds are read`() {
    #expect(Timestamp(rfc3339: "2024-01-01T02:00:00+02:00")?.rfc3339 == "2024-01-01T00:00:00Z")
    #expect(Timestamp(rfc3339: "2024-01-01")?.rfc3339 == "2024-01-01T00:00:00Z")
    #expect(Timestamp(rfc3339: "2024-01-01T10:20")?.rfc3339 == "2024-01-01T10:20:00Z")
    for wrong in ["", "2024", "2024-13-01", "2024-01-01T25:00:00Z", "2024-01-01T00:00:00ZZ", "x"] {
      #expect(Timestamp(rfc3339: wrong) == nil)
    }
  }

  @Test func `the fraction of a second has nine digits`() {
    #expect(Timestamp(nanoseconds: 1_000_000_042).fraction == "000000042")
    #expect(Timestamp(nanoseconds: -1).fraction == "999999999")
    #expect(Timestamp(seconds: 5).fraction == "000000000")
  }

  @Test func `days and months have names`() {
    let moment = Timestamp(rfc3339: "2026-11-21T04:00:00Z")
    #expect(moment?.weekday == "Sat")
    #expect(moment?.month == "Nov")
  }

  static let spans: [(Int64, String)] = [
    (-5, "Less than a second"), (0, "Less than a second"), (1, "1 second"), (59, "59 seconds"),
    (60, "About a minute"), (119, "About a minute"),
    (120, "2 minutes"), (3599, "59 minutes"), (3600, "About an hour"), (5399, "About an hour"),
    (5400, "2 hours"), (86400, "24 hours"),
    (172_800, "2 days"), (1_209_600, "2 weeks"), (5_184_000, "2 months"), (63_072_000, "2 years"),
  ]

  @Test(arguments: spans)
  func `spans are told in docker's words`(seconds: Int64, words: String) {
    #expect(HumanDuration.text(seconds: seconds) == words)
  }

  @Test func `seconds since 1970 may have a fraction`() {
    func read(_ text: String) -> Int64? { Timestamp(unix: text)?.nanoseconds }
    #expect(read("1136073600") == 1_136_073_600_000_000_000)
    #expect(read("1136073600.000000001") == 1_136_073_600_000_000_001)
    #expect(read("1.5") == 1_500_000_000)
    #expect(read("-1.5") == -1_500_000_000)
    #expect(read("1.") == nil && read("x") == nil && read("1.x") == nil && read("") == nil)
  }

  @Test func `a moment that is too far away for nanoseconds is the last one`() {
    #expect(Timestamp(unix: "9999999999")?.seconds == 9_000_000_000)
    #expect(
      Timestamp(unix: "99999999999999.5") ?? Timestamp(nanoseconds: 0) > Timestamp(nanoseconds: 9 << 59))
    #expect(Timestamp(unix: "-99999999999999")?.seconds == -9_000_000_000)
  }
}
