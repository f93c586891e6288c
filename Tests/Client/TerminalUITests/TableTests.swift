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

  @Test func `wide letters take two columns`() {
    #expect(Ellipsis.shorten("echo 日本語日本語日本語日本語", to: 20) == "echo 日本語日本語日…")
    #expect(Ellipsis.shorten("日本語", to: 6) == "日本語")
    #expect(Ellipsis.shorten("日本語", to: 5) == "日本…")
    #expect(Ellipsis.shorten("日本語", to: 0) == "")
    #expect(Ellipsis.columns(of: "añ…日") == 5)
  }

  @Test func `a terminal that was made narrower has broken the lines`() {
    #expect(DrawnLines.rows([0, 79, 80, 81], columns: 80) == 5)
    #expect(DrawnLines.rows([0, 79, 80, 81], columns: 40) == 8)
  }

  @Test func `a bar shows how much is done, where there is room`() {
    let half = ProgressDisplay.Report(id: "x", status: "Downloading", current: 500, total: 1000)
    #expect(
      ProgressDisplay.bar(half, columns: 111) == "[" + String(repeating: "=", count: 25) + ">"
        + String(repeating: " ", count: 25) + "]     500B/1kB")
    #expect(ProgressDisplay.bar(half, columns: 110) == "    500B/1kB")
  }

  @Test func `more than was promised is told alone`() {
    let wonky = ProgressDisplay.Report(id: "x", status: "Downloading", current: 2000, total: 1000)
    #expect(ProgressDisplay.bar(wonky, columns: 80) == "     2kB")
  }
}
