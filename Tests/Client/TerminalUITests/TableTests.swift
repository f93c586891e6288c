import Testing

@testable import TerminalUI

struct TableTests {
  @Test func `columns are at least ten wide and three apart`() {
    #expect(
      Table.layOut(["REPOSITORY\tTAG\tIMAGE ID", "a/very/long/name\tx\t123"]) == """
        REPOSITORY         TAG       IMAGE ID
        a/very/long/name   x         123

        """)
  }

  @Test func `what is cut off is told`() {
    #expect(Ellipsis.shorten("abcdef", to: 4) == "abc…")
    #expect(Ellipsis.shorten("abcd", to: 4) == "abcd")
  }

  @Test func `a bar shows how much is done`() {
    let half = ProgressDisplay.Report(id: "x", status: "Downloading", current: 500, total: 1000)
    #expect(
      ProgressDisplay.bar(half, room: 200) == "[" + String(repeating: "=", count: 25) + ">"
        + String(repeating: " ", count: 24) + "]  500B/1kB")
    #expect(ProgressDisplay.bar(half, room: 20) == "500B/1kB")
  }
}
