import Testing

@testable import TextFormats

@Test(
  arguments: [
    ("1h30m", 5_400_000_000_000, "1h30m0s"), ("300ms", 300_000_000, "300ms"), ("1.5s", 1_500_000_000, "1.5s"),
    ("0", 0, "0s"), ("-2m", -120_000_000_000, "-2m0s"), ("1us", 1_000, "1µs"),
    ("90s", 90_000_000_000, "1m30s"),
  ] as [(String, Int64, String)])
func `durations are read and written as Go does`(text: String, nanoseconds: Int64, written: String) throws {
  #expect(try GoDuration.parse(text) == nanoseconds)
  #expect(GoDuration.format(nanoseconds: nanoseconds) == written)
}

@Test func `compose durations know days and weeks`() throws {
  #expect(try GoDuration.parse("1w2d", days: true) == 777_600_000_000_000)
  #expect(throws: GoDurationError.unknownUnit("d", "1d")) { try GoDuration.parse("1d") }
  #expect(throws: GoDurationError.missingUnit("10")) { try GoDuration.parse("10") }
}

@Test(
  arguments: [
    ("512m", 536_870_912), ("1.5g", 1_610_612_736), ("10", 10), ("1 KiB", 1024), ("2kb", 2048), ("3b", 3),
  ] as [(String, Int64)])
func `sizes are powers of 1024`(text: String, bytes: Int64) throws {
  #expect(try ByteSize.parse(text) == bytes)
}

@Test func `sizes are written with four digits`() {
  #expect(ByteSize.decimal(12_345) == "12.35kB")
  #expect(ByteSize.decimal(0) == "0B")
  #expect(ByteSize.decimal(999) == "999B")
  #expect(ByteSize.binary(1_610_612_736) == "1.5GiB")
  #expect(ByteSize.binary(1023.9 * 1024) == "1024KiB")
}

@Test func `words are split at blanks and joined by quotes`() throws {
  #expect(try ShellWords.split(#"sh -c "echo 'a b'" c\ d ''"#) == ["sh", "-c", "echo 'a b'", "c d", ""])
  #expect(try ShellWords.split("a ; b") == ["a"])
  #expect(throws: ShellWordsError()) { try ShellWords.split("echo 'x") }
}
