import Testing

@testable import DockerAPI

@Suite struct BuildAgentsTests {
  @Test func `what a header says is read again`() throws {
    let agents = BuildAgents(lending: ["default", "deploy.key-1"])
    #expect(BuildAgents(headerValue: agents.headerValue) == agents)
    #expect(agents.token != BuildAgents(lending: []).token)
  }

  @Test(arguments: [
    "", ";", "abc;default", String(repeating: "g", count: 64) + ";default",
    String(repeating: "0", count: 64), String(repeating: "0", count: 64) + ";a;b",
    String(repeating: "0", count: 64) + ";a b", String(repeating: "0", count: 64) + ";a,,b",
    String(repeating: "0", count: 64) + ";" + Array(repeating: "a", count: 17).joined(separator: ","),
  ])
  func `what is no header is refused`(text: String) { #expect(BuildAgents(headerValue: text) == nil) }
}

@Suite struct UlimitTextTests {
  @Test func `a limit is soft and hard, or both at once`() throws {
    let both = try Ulimit("nofile=5")
    #expect(both.name == "nofile" && both.soft == 5 && both.hard == 5)
    let two = try Ulimit("nofile=5:-1")
    #expect(two.soft == 5 && two.hard == -1)
    #expect(try Ulimit.all(["nofile=1", "core=2", "nofile=3"]).map(\.soft) == [2, 3])
  }

  @Test(arguments: [
    ("x", "invalid ulimit argument: x"), ("what=1", "invalid ulimit type: what"),
    ("core=1:2:3", "too many limit value arguments - 1:2:3, can only have up to two, `soft[:hard]`"),
    ("core=a", "strconv.ParseInt: parsing \"a\": invalid syntax"),
    ("core=3:2", "ulimit soft limit must be less than or equal to hard limit: 3 > 2"),
  ])
  func `what is none is refused in docker's words`(text: String, why: String) {
    #expect(throws: InvalidUlimit.self) { _ = try Ulimit(text) }
    do { _ = try Ulimit(text) } catch { #expect(error.description == why) }
  }
}
