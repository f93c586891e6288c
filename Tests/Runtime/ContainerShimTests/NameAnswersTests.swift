import DNSMessages
import Linux
import Testing

@testable import ContainerShim

private func table(_ records: String) -> NameTable {
  var table = NameTable()
  table.add(records: records)
  return table
}

private func ask(
  _ text: String, _ type: DNSType, _ table: NameTable, _ answers: inout NameAnswers
) throws -> [UInt8]? {
  let query = DNSQuery(id: 1, name: try #require(DNSName(text)), type: type)
  if case .answer(let bytes) = answers.decide(query, table, limit: 512) { return bytes }
  return nil
}

@Suite struct NameAnswersTests {
  @Test func `known names are answered, others go on`() throws {
    let table = table("web 10.0.0.2\nweb 10.0.0.3\nv6 fd00::1\n")
    var answers = NameAnswers()
    #expect(try ask("WEB", .a, table, &answers)?[7] == 2)
    #expect(try ask("web", .aaaa, table, &answers)?[7] == 0)
    #expect(try ask("v6", .aaaa, table, &answers)?[7] == 1)
    #expect(try ask("web", .any, table, &answers)?[7] == 2)
    #expect(try ask("other", .a, table, &answers) == nil)
    #expect(try ask("web.example", .a, table, &answers) == nil)
    #expect(try ask("2.0.0.10.in-addr.arpa", .ptr, table, &answers)?[7] == 1)
    #expect(try ask("9.0.0.10.in-addr.arpa", .ptr, table, &answers) == nil)
  }

  @Test func `every address comes first in turn`() throws {
    let table = table("web 10.0.0.2\nweb 10.0.0.3\nweb 10.0.0.4\n")
    var answers = NameAnswers()
    var firsts: Set<UInt8> = []
    for _ in 0..<3 { firsts.insert(try #require(try ask("web", .a, table, &answers))[12 + 9 + 12 + 3]) }
    #expect(firsts == [2, 3, 4])
  }

  @Test func `several networks make one table, without doubles`() {
    var table = table("web 10.0.0.2\ndb 10.0.0.9\n")
    table.add(records: "web 10.1.0.2\nweb 10.0.0.2\nDB 10.1.0.9\n")
    #expect(table.addresses(of: "web") == [[10, 0, 0, 2], [10, 1, 0, 2]])
    #expect(table.addresses(of: "db") == [[10, 0, 0, 9], [10, 1, 0, 9]])
    #expect(table.name(of: [10, 0, 0, 2]) == "web")
  }

  @Test func `a configuration names networks and upstreams, and the rest is for others`() {
    let table = NameTable(
      configuration:
        "network /run/a b/n\nupstream 1.1.1.1\nupstream ::1 5353\nupstream x\nsearch a\n\noption ndots:0\nfoo"
    )
    #expect(table.networks == ["/run/a b/n"])
    #expect(table.upstreams.map(\.port) == [53, 5353])
  }

  @Test func `garbage in a file is passed over`() {
    let table = table("\n \nweb\nweb 1.2.3\nweb 10.0.0.2 more\n\u{0} 10.0.0.3\n")
    #expect(table.addresses(of: "web") == [[10, 0, 0, 2]])
  }
}
