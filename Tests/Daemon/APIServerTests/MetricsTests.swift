import Testing

@testable import APIServer

@Suite struct MetricsTests {
  @Test func `a family is headed once, its samples follow`() {
    var text = MetricsText()
    text.add("a_total", .counter, "As", [("x", "1")], 2)
    text.add("b", .gauge, "Bs", 0.25)
    text.add("a_total", .counter, "As", [("x", "2")], 12_345_678_901)
    #expect(
      text.text == """
        # HELP a_total As
        # TYPE a_total counter
        a_total{x="1"} 2
        a_total{x="2"} 12345678901
        # HELP b Bs
        # TYPE b gauge
        b 0.25

        """)
  }

  @Test func `what a label holds cannot break its line`() {
    var text = MetricsText()
    text.add("a", .gauge, "As", [("x", "\\\"\n}é")], 1)
    #expect(text.text.hasSuffix(#"a{x="\\\"\n}é"} 1"# + "\n"))
  }

  @Test func `actions that succeed are counted by how long they took`() async throws {
    let times = ActionTimes()
    try await times.measure("POST /containers/create") {}
    try await times.measure("GET /_ping") {}
    await #expect(throws: CancellationError.self) {
      try await times.measure("POST /containers/create") { throw CancellationError() }
    }
    var text = MetricsText()
    times.tell(&text)
    let lines = text.text.split(separator: "\n")
    #expect(lines.contains(#"engine_daemon_container_actions_seconds_bucket{action="create",le="+Inf"} 1"#))
    #expect(lines.contains(#"engine_daemon_container_actions_seconds_count{action="create"} 1"#))
    #expect(lines.contains(#"engine_daemon_container_actions_seconds_count{action="start"} 0"#))
    #expect(lines.filter { $0.hasPrefix("# TYPE") }.count == 3)
  }
}
