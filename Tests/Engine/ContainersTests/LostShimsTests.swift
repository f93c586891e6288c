import ShimProtocol
import Testing

@testable import Containers

@Suite struct LostShimsTests {
  private let second: Int64 = 1_000_000_000

  @Test func `whoever loses one shim after another is started ever more seldom`() {
    var shims = LostShims()
    let pauses = (0..<4).map { shims.pause(RestartPolicy(.always), restarts: 0, at: $0 * second) }
    #expect(pauses == [100_000_000, 200_000_000, 400_000_000, 800_000_000])
    #expect(shims.pause(RestartPolicy(.always), restarts: 0, at: 100 * second) == 100_000_000)
  }

  @Test func `the policy decides`() {
    var shims = LostShims()
    #expect(shims.pause(.no, restarts: 0, at: 0) == nil)
    #expect(shims.pause(RestartPolicy(.onFailure, maximumRetries: 2), restarts: 2, at: 0) == nil)
    #expect(shims.pause(RestartPolicy(.onFailure, maximumRetries: 2), restarts: 1, at: 0) != nil)
    #expect(shims.pause(RestartPolicy(.onFailure, maximumRetries: 2), restarts: 1, at: 0) == nil)
    #expect(shims.pause(RestartPolicy(.unlessStopped), restarts: 9, at: 0) != nil)
  }
}
