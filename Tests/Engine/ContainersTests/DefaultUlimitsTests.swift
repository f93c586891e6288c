import DockerAPI
import Testing

@testable import Containers

@Suite struct DefaultUlimitsTests {
  @Test func `a container's own limits come first and win over the engine's`() throws {
    let usual = try Ulimit.all(["nofile=1:2", "core=3"])
    let own = try Ulimit.all(["nofile=5:6"])
    let completed = try #require(DefaultUlimits.completed(own, by: usual))
    #expect(completed.map(\.name) == ["nofile", "core"])
    #expect(completed.map(\.soft) == [5, 3])
    #expect(DefaultUlimits.completed(nil, by: usual) == usual)
    #expect(DefaultUlimits.completed(nil, by: []) == nil)
  }
}
