import Testing

@testable import Compose

@Suite struct LogPrinterTests {
  @Test func `the column is as wide as the longest name shown so far`() {
    let printer = LogPrinter(coloured: false, prefixed: true)
    printer.register(["web-1", "database-1"])
    #expect(printer.prefix("web-1") == "web-1  | ")
    #expect(printer.prefix("database-1") == "database-1  | ")
    #expect(printer.prefix("web-1") == "web-1       | ")
  }

  @Test func `room can be made before the first line`() {
    let printer = LogPrinter(coloured: false, prefixed: true)
    printer.reserve(["database-1", "web-1"])
    #expect(printer.prefix("web-1") == "web-1       | ")
  }

  @Test func `the watch stands in the column, and is wider than short names`() {
    let printer = LogPrinter(coloured: false, prefixed: true)
    #expect(printer.watchPrefix() == "        ⦿ ")
    #expect(printer.prefix("a-1") == "a-1     | ")
    #expect(LogPrinter(coloured: false, prefixed: false).watchPrefix() == "")
  }

  @Test func `what follows a name has the name's colour`() {
    let printer = LogPrinter(coloured: true, prefixed: true)
    printer.register(["a-1", "b-1"])
    #expect(printer.prefix("b-1 ->") == "\u{1B}[33mb-1 ->  | \u{1B}[0m")
    #expect(printer.watchPrefix() == "\u{1B}[92m        ⦿ \u{1B}[0m")
  }

  @Test func `only what the project has named loses the project's name`() {
    let labels = [Label.project: "shop", Label.service: "web", Label.number: "2"]
    #expect(ContainerName.short("shop-web-2", labels) == "web-2")
    #expect(ContainerName.short("shop_web_2", labels) == "web_2")
    #expect(ContainerName.short("shop-front", labels) == "shop-front")
    #expect(ContainerName.short("shop-web-2", [:]) == "shop-web-2")
  }
}
